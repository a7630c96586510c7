/** What the history of a service costs: `npm run bench -- store`. Takes about a minute and a half. */
import { report } from './kit/report.ts'
import { histories } from './store/histories.ts'
import { longHistory } from './store/long-history.ts'

await report([histories, longHistory])
