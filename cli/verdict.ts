/** What a verification found, in words. */
import type { Mismatch, Result } from '../daemon/api/vocabulary.ts'
import { counted, grouped } from './format.ts'
import { shortCaller } from './history.ts'
import { say, styled, type Text, table } from './text.ts'
import { inline, inlineCall } from './value-text.ts'

type Verified = Result<'verify'>

/** what differs, as it stands in a mismatch: in words */
const WHAT: { readonly [what: string]: string } = {
  result: 'the result differs',
  gas: 'the gas differs',
  events: 'the events differ',
  delta: 'the change of the memory differs',
  root: 'the memory afterwards differs',
  before: 'the memory before it differs',
  envelope: "the caller's signed order is not what was carried out",
  time: 'the time is not possible',
  block: 'the block is none that a host can sign',
  damaged: 'the disk of this node changed a block: nobody else is to blame',
  signature: 'the signature is not by its host',
  content: 'the content that was read or written differs',
  chain: 'it does not follow from the commit before it',
  failed: 'it fails when it is run again',
  equivocation: 'its host signed two commits for one place in the history',
  history: 'the history goes on without it: its owner took the service back to an older commit',
  genesis: 'the first commit is not that of the service',
  handovers: 'the service was not handed over like this',
  service: 'the commit is of another service',
  host: 'another host signed it',
  seq: 'the commit stands at another place',
  index: 'the call is not at this place of the commit',
  chunk: 'the calls are not those of the commit',
  entry: 'the book of usernames says otherwise',
}

/** One line that says what was proven and from where; of a failure what differs, where, and both sides. */
export function showVerdict(verified: Verified, subject: string, isReceipt: boolean): Text[] {
  return verified.mismatch === undefined && verified.ok
    ? [proven(verified, subject, isReceipt), ...call(verified), ...name(verified)]
    : [say`${styled('red', 'Not verified:')} ${subject}`, ...refuted(verified.mismatch, verified)]
}

/** Why a history does not begin with its first commit. */
export const NOT_HERE =
  'it was pruned, or was taken from another service by a fork or a merge, whose history has to be pulled, too'

function proven({ commits, calls, trust, from, to }: Verified, subject: string, isReceipt: boolean): Text {
  const yes = styled('green', 'Verified:')
  if (commits === 0 && !isReceipt)
    return say`${styled('yellow', 'Not run again:')} ${subject}: its commit ${to} is as its host signed it, and of what came before nothing can be run here: ${NOT_HERE}`
  const amount = `${counted(commits, 'commit')} with ${counted(calls, 'call')}`
  if (trust === 'signed' && isReceipt && from === to)
    return say`${yes} ${subject}: the call, its result and gas are in ${to}, signed by the host that the service's first commit names (${trust}: not run again here)`
  const holds = isReceipt ? ', and the receipt holds' : ''
  // own: what this node made and ran again is as good as replayed
  const worth = trust === 'signed' ? `${trust}: the state that it begins with is as its host signed it` : trust
  return say`${yes} ${subject}: ${amount} run again here, from ${from} to ${to}, with the same results, gas and memory${holds} (${worth})`
}

/** What a receipt is about. */
function call({ proves }: Verified): Text[] {
  if (proves === undefined) return []
  const { result, gas, caller, time, service, seq, index, host } = proves
  return [
    say`  ${styled('bold', inlineCall(proves))} -> ${inline(result)}`,
    ...table([
      ['  by', `${shortCaller(caller)}, ${grouped(gas)} gas`],
      ['  at', `${time}, seq ${seq}, call ${index}`],
      ['  service', service],
      ['  host', host],
    ]),
  ]
}

/** What a username stands for. */
function name({ username }: Verified): Text[] {
  if (username === undefined) return []
  const { user, registrar, witnesses, book, expires, source } = username
  const signed = witnesses === 0 ? registrar : `${registrar} and ${counted(witnesses, 'witness', 'witnesses')}`
  return [
    say`  ${styled('bold', username.username)} -> ${user}`,
    ...table([
      ['  signed by', signed],
      ['  until', expires],
      ['  book', book],
      ['  from', source],
    ]),
  ]
}

function refuted(mismatch: Mismatch | undefined, { commits }: Verified): Text[] {
  if (mismatch === undefined) return [say`  it could not be proven`]
  const { commit, seq, what, call, expected, found } = mismatch
  const words = Object.hasOwn(WHAT, what) ? WHAT[what]! : what
  const where = call === null ? 'the commit as a whole' : `call ${call}`
  return [
    say`  ${styled('bold', words)}`,
    say`  in        commit ${commit}, seq ${seq}, ${where}`,
    say`  expected  ${styled('green', expected)}`,
    say`  found     ${styled('red', found)}`,
    ...(commits > 0 ? [styled('dim', say`  ${counted(commits, 'commit')} looked at`)] : []),
  ]
}
