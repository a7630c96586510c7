/** What programs in browsers ask through this node: as strangers with keys of their own, here or at the service's host. */
import type { CID } from 'multiformats/cid'
import { decodeCall } from '../../../protocol/signed/envelope.ts'
import type { Claim, ProgramQuestion, ProgramSource } from '../../door/types.ts'
import { CallsError } from '../errors.ts'
import { parseCommit } from '../methods/parse.ts'
import type { ServiceTarget } from '../names/resolve.ts'
import { beforeSending } from '../receipt/outcome.ts'
import { wholeGas } from '../receipt/signed-call.ts'
import type { Remote } from '../remote/remote.ts'
import { checkAnyAccess } from '../run/check-access.ts'
import { notHere } from '../run/instances.ts'
import type { Ask } from '../run/question.ts'
import { createSendCall, type SendCallParts } from '../send-call.ts'
import type { Follow } from '../stream/follow.ts'
import { followRemote } from '../stream/follow-remote.ts'
import { followedOf, itemOf } from '../stream/shown-items.ts'
import type { StreamQuery } from '../stream/stream-query.ts'
import { decodeResult, encodeArguments } from '../values.ts'
import { createFindContract, type DescribeParts, functionsOf } from '../view/describe.ts'
import { createProvenUser } from './proven-programs.ts'

export interface ProgramParts extends SendCallParts, Omit<DescribeParts, 'lineage'> {
  remote: Remote
  ask: Ask
  stream: StreamQuery
  follow: Follow
}

/** Whose turn they take: their own, behind nobody but each other. */
const FROM = 'program'

export function createPrograms(parts: ProgramParts): ProgramSource {
  const { identity, history, ask, stream, follow, remote, resolveService } = parts
  const contractOf = createFindContract(parts)
  const send = createSendCall(parts)
  const provenUser = createProvenUser(identity)
  const ownerOf = async (service: CID): Promise<string> => (await history.commit(service)).genesis?.owner ?? ''
  const isHere = ({ host }: ServiceTarget): boolean => host === identity.peerId

  /** What is asked, and in whose name: proven here, and for the host of a service elsewhere. */
  const prepare = async ({ name, method, args, gas, at, as }: ProgramQuestion, signal: AbortSignal) => {
    const target = await resolveService(name, { signal })
    const { service } = target
    const caller = await provenUser(as, { service, right: 'query' })
    const most = wholeGas(gas)
    const question = {
      ...{ service, method, args: encodeArguments(args), caller },
      gas: most === undefined ? undefined : BigInt(most),
      at: at === undefined ? target.at : parseCommit(at),
    }
    return { target, question, as: { caller, grant: shown(as) } }
  }

  return {
    async head({ name, as }, { signal }) {
      const target = await resolveService(name, { signal })
      const { service, host } = target
      const user = await provenUser(as, { service, right: 'history' })
      if (!isHere(target)) return { seq: (await remote.head(host, service, { signal, grant: shown(as) })).seq }
      const head = await history.head(service)
      if (head === undefined) throw notHere(service)
      checkAnyAccess(await contractOf(target, { signal }), { owner: await ownerOf(service), user })
      return { seq: head.seq }
    },

    async describe({ name, as }, { signal }) {
      const target = await resolveService(name, { signal })
      const { service } = target
      const contract = await contractOf(target, { signal })
      const user = await provenUser(as, { service, right: 'query' })
      const owner = isHere(target) ? await ownerOf(service) : ''
      return {
        name: target.name,
        service: service.toString(),
        version: target.version ?? contract.manifest.version,
        network: identity.network.id,
        peerId: identity.peerId,
        functions: mayKnow(() => checkAnyAccess(contract, { owner, user })) ? functionsOf(contract) : null,
      }
    },

    async call({ name, envelope }, { signal }) {
      const started = performance.now()
      const { service, host } = await beforeSending(
        resolveService(name, { signal }).then((target) => {
          if (!decodeCall(envelope).service.equals(target.service)) throw notFor(name)
          return target
        }),
      )
      const answer = await send({ service, host, envelope }, { from: FROM, signal })
      return { ...answer, ms: Math.round(performance.now() - started) }
    },

    async query(asked, { signal }) {
      const started = performance.now()
      const { target, question, as } = await prepare(asked, signal)
      const found = isHere(target)
        ? await ask(question, { from: FROM, signal })
        : await remote.query(target.host, { ...question, as }, { signal })
      const { result, gas, commit, seq, trust, logs } = found
      return {
        ...{ result: decodeResult(result), gas: Number(gas), commit: commit.toString(), seq, trust, logs },
        ...{ host: target.host, ms: Math.round(performance.now() - started) },
      }
    },

    async stream(asked, { signal, onItem }) {
      const { target, question, as } = await prepare(asked, signal)
      const items = isHere(target)
        ? stream(question, { from: FROM, signal })
        : remote.stream(target.host, { ...question, as }, { signal })
      let count = 0
      for await (const item of items) {
        await onItem(itemOf(item))
        count++
      }
      return { items: count }
    },

    async subscribe({ name, from, as }, { signal, onItem }) {
      const target = await resolveService(name, { signal })
      const { service, host } = target
      const user = await provenUser(as, { service, right: 'history' })
      const commits = isHere(target)
        ? follow({ service, user, from }, { from: FROM, signal })
        : followRemote(remote, { host, service, from, grant: shown(as) }, signal)
      let count = 0
      for await (const one of commits) {
        await onItem(followedOf(one))
        count++
      }
      return { items: count }
    },
  }
}

/** What a host elsewhere is shown, if it asks who asks. */
function shown(as: Claim | undefined): () => Promise<Uint8Array> {
  return async () => {
    if (as !== undefined) return as.grant
    const hint = 'its owner decides who may: access in amigo.yaml'
    throw new CallsError('ACCESS_DENIED', 'The service does not let somebody who did not sign do this.', hint)
  }
}

function mayKnow(check: () => void): boolean {
  try {
    check()
    return true
  } catch {
    return false
  }
}

function notFor(name: string): CallsError {
  const hint = 'the name may stand for another service by now: import it again'
  return new CallsError('NOT_CALLABLE', `What was signed is no call of ${name}.`, hint)
}
