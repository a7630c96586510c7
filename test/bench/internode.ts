/**
 * What passes between two nodes: two processes, TCP on loopback.
 *
 *   npm run bench -- internode
 */
import { requests } from './internode/requests.ts'
import { report } from './kit/report.ts'

await report([requests])
