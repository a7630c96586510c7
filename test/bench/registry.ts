/** What publishing and finding homes costs: `npm run bench -- registry`. Takes about a minute and a half. */
import { report } from './kit/report.ts'
import { homes } from './registry/homes.ts'
import { hops } from './registry/hops.ts'

await report([homes, hops])
process.exit(0)
