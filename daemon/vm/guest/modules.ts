import { CONTRACT_MODULE, type GuestProfile } from '../engine/guest-profile.ts'
import { decode } from './decode.ts'
import { dispatch } from './dispatch.ts'
import { encode } from './encode.ts'
import { enter } from './enter.ts'
import { imports } from './imports.ts'
import { merge } from './merge.ts'
import { migrate } from './migrate.ts'
import { own } from './own.ts'
import { primordials } from './primordials.ts'
import { references } from './references.ts'
import { registry } from './registry.ts'
import { revive } from './revive.ts'
import { services } from './services.ts'
import { show } from './show.ts'
import { showFrames } from './show-frames.ts'
import { steps } from './steps.ts'
import { streams } from './streams.ts'

const RUNTIME = 'amigos:runtime'
const PARTS = [
  primordials,
  encode,
  decode,
  showFrames,
  own,
  show,
  enter,
  registry,
  references,
  revive,
  migrate,
  merge,
  services,
  imports,
  streams,
  dispatch,
]

/** A module that gives on a part of what the runtime exports. */
const gives = (names: string): { source: string; imports: readonly string[] } => ({
  source: `export { ${names} } from '${RUNTIME}'\n`,
  imports: [RUNTIME],
})

/** What a contract may import; 'amigos:state' is for the line that the compiler adds to each source. */
const FOR_CONTRACTS = {
  'amigos:context': gives(
    'caller, origin, chain, callId, owner, service, time, gasLeft, random_ as random, randomBytes, log',
  ),
  'amigos:events': gives('emit'),
  'amigos:crypto': gives('sha256, verify'),
  'amigos:content': gives('get, put'),
  'amigos:imports': gives('ImportError, importFunction'),
  'amigos:steps': { source: steps, imports: [RUNTIME] },
  'amigos:state': gives('register'),
}

/**
 * Every module inside the virtual machine, and what each may import.
 *
 * - `amigos:runtime` is private: it holds the dispatcher, the encodings, and all that the others give on.
 * - `amigos:boot` hands the host its functions; `amigos:entry` evaluates the contract and hands its namespace to the
 *   runtime, without a promise in between, so that an export named `then` is a function like any other.
 */
export const guestModules: GuestProfile['modules'] = {
  [RUNTIME]: { source: PARTS.join(''), imports: [] },
  ...FOR_CONTRACTS,
  'amigos:boot': gives(
    'connect, prepare, invoke, initialise, state, answer, open, next_ as next, failed, failedToLoad, refusedImport, deliver, unhandled',
  ),
  'amigos:entry': {
    source: `import { attach } from '${RUNTIME}'\nimport * as contract from '${CONTRACT_MODULE}'\nattach(contract)\n`,
    imports: [RUNTIME, CONTRACT_MODULE],
  },
  [CONTRACT_MODULE]: { source: '', imports: Object.keys(FOR_CONTRACTS) },
}
