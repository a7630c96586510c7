/** What the virtual machine and durable calls cost: `npm run bench -- vm`. Takes about two minutes, most of it for the peers. */
import { report } from './kit/report.ts'
import { coldOpen, queries, transfers } from './vm/machine.ts'

await report([queries, coldOpen, transfers])
