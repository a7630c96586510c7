import { requests } from './test/bench/internode/requests.ts'
for (const r of await requests()) console.log(r.name, r.value.toFixed(1), r.peer, r.peerValue.toFixed(1), (r.value / r.peerValue).toFixed(2))
