/** The hub's side of co-signing: asks the witnesses, all at once, and goes on with as many as are required. */
import type { Internode } from '../../protocol/types.ts'
import { isCoSignature, joinSignatures } from '../../registry/names/name-record.ts'
import type { Registrars, Signature } from '../../registry/names/types.ts'
import { CallsError } from '../calls/errors.ts'
import { badAnswer, isBytes, reader } from '../calls/remote/wire.ts'
import { CO_SIGN_MS } from './constants.ts'

export interface CoSignersParts {
  network: Registrars
  internode: Pick<Internode, 'request'>
  log: (line: string) => void
}

export type CoSign = (record: Uint8Array, options: { signal: AbortSignal }) => Promise<Uint8Array>

/** @throws CallsError WITNESSES_MISSING */
export function createCoSigners({ network, internode, log }: CoSignersParts): CoSign {
  const { required } = network
  const witnesses = network.registrars.slice(1)

  const askOne = async (peer: string, record: Uint8Array, signal: AbortSignal): Promise<Signature> => {
    const answer = await internode.request(peer, 'co-sign', { record }, { signal, timeoutMs: CO_SIGN_MS })
    const read = reader(answer, (field) => badAnswer(peer, field))
    const signature = { key: read('key', isBytes), sig: read('sig', isBytes) }
    if (await isCoSignature(record, peer, signature)) return signature
    throw badAnswer(peer, 'sig')
  }

  return async (record, { signal }) => {
    const given: Signature[] = []
    const refusals: string[] = []
    const done = Promise.withResolvers<void>()
    const asked = witnesses.map(async (peer) => {
      try {
        given.push(await askOne(peer, record, signal))
      } catch (error) {
        const { code = 'INTERNAL', message = '' } = error as { code?: string; message?: string }
        refusals.push(`${peer}: ${code}`)
        log(`the witness ${peer} did not sign: ${code} ${message}`)
      }
      if (given.length >= required) done.resolve()
    })
    // those that are not required watch all the same; what they sign in time is added
    if (required > 0) await Promise.race([done.promise, Promise.all(asked)])
    if (given.length >= required) return joinSignatures(record, given, network)
    throw new CallsError(
      'WITNESSES_MISSING',
      `${required} witnesses have to sign, and ${given.length} did (${refusals.join(', ')}).`,
      'what the book says stands; register the name again when they are back, and nothing else will change',
    )
  }
}
