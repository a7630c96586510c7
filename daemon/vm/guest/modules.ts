import { CONTRACT_MODULE, type GuestProfile } from '../engine/guest-profile.ts'
import { decode } from './decode.ts'
import { dispatch } from './dispatch.ts'
import { encode } from './encode.ts'
import { primordials } from './primordials.ts'

/**
 * Every module inside the virtual machine, and what each may import.
 *
 * - `amigos:runtime` is private: it holds the dispatcher and the value encoding.
 * - `amigos:context` is what a contract may import.
 * - `amigos:boot` hands the host its functions; `amigos:entry` evaluates the contract and hands its namespace to the
 *   runtime, without a promise in between, so that an export named `then` is a function like any other.
 */
export const guestModules: GuestProfile['modules'] = {
  'amigos:runtime': { source: `${primordials}${encode}${decode}${dispatch}`, imports: [] },
  'amigos:context': {
    source: `export { caller, owner, service, log } from 'amigos:runtime'\n`,
    imports: ['amigos:runtime'],
  },
  'amigos:boot': {
    source: `export { invoke, answer, failed, failedToLoad, prepare, initialise, connect, refusedImport } from 'amigos:runtime'\n`,
    imports: ['amigos:runtime'],
  },
  'amigos:entry': {
    source: `import { attach } from 'amigos:runtime'\nimport * as contract from '${CONTRACT_MODULE}'\nattach(contract)\n`,
    imports: ['amigos:runtime', CONTRACT_MODULE],
  },
  [CONTRACT_MODULE]: { source: '', imports: ['amigos:context'] },
}
