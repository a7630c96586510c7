/** What the virtual machine and durable calls cost: `npm run bench -- vm`. Takes about two minutes, half of it for the peers. */
import { report } from './kit/report.ts'
import { besideHostile } from './vm/beside.ts'
import { coldOpen, commits, groups } from './vm/durable.ts'
import { machineOpen, queries, transfers } from './vm/machine.ts'

await report([queries, machineOpen, commits, groups, coldOpen, besideHostile, transfers])
