/** What imports cost: `npm run bench -- imports`. Takes about half a minute. */
import { forkOfLargeState } from './imports/fork.ts'
import { onOneNode, threeRemote } from './imports/live.ts'
import { report } from './kit/report.ts'

await report([onOneNode, threeRemote, forkOfLargeState])
process.exit(0)
