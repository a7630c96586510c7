/**
 * What passes between two nodes: two processes, TCP on loopback. Takes some six minutes, and 8 GiB of the temporary folder for the
 * pulls; with PULL_MIB=64 and INTERNODE_PART=10 one minute.
 *
 *   npm run bench -- internode
 */
import { rssAfterMany, smallBesideLarge } from './internode/beside-large.ts'
import { pull1GiB, pull1000Blocks } from './internode/pull.ts'
import { requests } from './internode/requests.ts'
import { report } from './kit/report.ts'

await report([requests, smallBesideLarge, rssAfterMany, pull1000Blocks, pull1GiB])
