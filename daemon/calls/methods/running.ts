/** The methods of the local API that make and change services: serve, publish, upgrade, rollback, fork, prune. */
import type { CID } from 'multiformats/cid'
import type { Implementation, Methods } from '../../api/vocabulary.ts'
import type { Contract } from '../../contract/types.ts'
import type { AmigosNode } from '../../node/node.ts'
import type { History } from '../../store/types.ts'
import type { Holder, Retention } from '../../store/upkeep-types.ts'
import { CallsError } from '../errors.ts'
import type { Proofs } from '../homes/proofs.ts'
import { whyUnseen } from '../homes/prove.ts'
import type { Contracts } from '../life/contracts.ts'
import type { Deploy, Deployed } from '../life/deploy.ts'
import type { Fork } from '../life/fork.ts'
import type { Merge } from '../life/merge.ts'
import { type Publish, tellNetwork } from '../life/publish.ts'
import type { Rollback } from '../life/rollback.ts'
import type { Upgrade } from '../life/upgrade.ts'
import { type Copies, checkServiceName, type LocalService, type Names } from '../names/names.ts'
import type { ResolveService } from '../names/resolve.ts'
import type { GetCopy } from '../pull/copy.ts'
import type { PullUpstream } from '../pull/pull-upstream.ts'
import { isSealed } from '../run/check-access.ts'
import type { LocalName } from '../types.ts'
import { shownAs } from '../versions/line.ts'
import { parseTime } from './parse.ts'

export interface RunningParts {
  node: Pick<AmigosNode, 'provide'>
  contracts: Contracts
  history: History
  names: Names
  deploy: Deploy
  upgrade: Upgrade
  rollback: Rollback
  fork: Fork
  merge: Merge
  pullUpstream: Pick<PullUpstream, 'refresh'>
  /** as which copies were asked for */
  copies: Pick<Copies, 'note'>
  publish: Publish
  /** asks others whether they have seen it */
  proofs: Pick<Proofs, 'ask'>
  resolveService: ResolveService
  getCopy: GetCopy
  /** where the page is, once it listens */
  info: { http: string }
}

export type Running = Pick<Implementation, 'serve' | 'publish' | 'upgrade' | 'rollback' | 'fork' | 'merge' | 'prune'>

export function createRunning(parts: RunningParts): Running {
  const { node, contracts, history, names, publish, resolveService, getCopy, info } = parts

  const urlOf = (name: string): string => `${info.http}${name}/`

  const served = async ({ head, upgraded, warnings }: Deployed): Promise<Methods['serve']['result']> => {
    const local = (await names.of(head.service))!
    const name = shownAs(local.entry, local)
    return {
      name: `local.land/_/${name}`,
      service: head.service.toString(),
      contract: head.contract.toString(),
      commit: head.commit.toString(),
      url: urlOf(name),
      upgraded,
      warnings,
    }
  }

  /** The service of this node that a name means. @throws CallsError SERVICE_NOT_FOUND */
  const localOf = async (name: string, signal: AbortSignal): Promise<LocalService> => {
    const { service } = await resolveService(name, { signal })
    const local = await names.of(service)
    if (local !== undefined) return local
    const hint = 'amigo status lists them; a service of another node is changed there, or forked'
    throw new CallsError('SERVICE_NOT_FOUND', `${name} is not one of the services of this node.`, hint)
  }

  /** A contract that is to run under a name: one that was sent, or what a service of this node runs. */
  const toPublish = async (
    { contract: given, as }: Methods['publish']['params'],
    signal: AbortSignal,
  ): Promise<{ name: string; contract: Contract }> => {
    if (typeof given !== 'string') {
      const { contract } = await contracts.take(given)
      return { name: checkServiceName(as ?? contract.manifest.name), contract }
    }
    const { service, entry } = await localOf(given, signal)
    return { name: entry.name, contract: await contracts.of((await history.head(service))!) }
  }

  /** Tells the network what runs now. What is published is renewed at the next start, too. */
  const refreshed = async ({ published }: LocalName, contract: CID, signal: AbortSignal): Promise<string[]> => {
    node.provide(contract)
    if (published.length === 0) return []
    return tellNetwork(publish, { signal }, 'publish it again, or it is told at the next start')
  }

  return {
    async serve({ contract: upload, as, init, force }, { signal, onProgress }) {
      const { contract } = await contracts.take(upload)
      const deployed = await parts.deploy(contract, { as, init, force, signal, onProgress })
      const isKnown = deployed.upgraded || deployed.version !== undefined
      const entry = isKnown ? await names.get(deployed.name) : undefined
      const warnings = entry ? await refreshed(entry, contract.cid, signal) : []
      return await served({ ...deployed, warnings: [...deployed.warnings, ...warnings] })
    },

    async publish(params, { signal, onProgress }) {
      const { init, version: wanted, force } = params
      const { name, contract } = await toPublish(params, signal)
      const version = await publish.versionFor(name, contract, { wanted, signal })
      const deployed = await parts.deploy(contract, { as: name, init, version, force, signal, onProgress })
      const published = await publish.publish(deployed, contract, { version, signal })
      node.provide(contract.cid)
      if (!isSealed(contract)) node.provide(deployed.head.service)
      const proof = await parts.proofs.ask({ signal, contract: contract.cid })
      const warnings = [...deployed.warnings, ...(proof.seenBy === 0 ? [whyUnseen(proof)] : [])]
      const { url, ...made } = await served(deployed)
      return { ...made, url, name: published.name, version: published.version, seenBy: proof.seenBy, warnings }
    },

    async upgrade({ name, contract: upload, dryRun = false, force = false }, { signal, onProgress }) {
      const local = await localOf(name, signal)
      const { contract } = await contracts.take(upload)
      const { from, to, head, warnings, breaks } = await parts.upgrade(local, contract, {
        dryRun,
        force,
        signal,
        onProgress,
      })
      const runs = head ?? (dryRun ? undefined : await history.head(local.service))
      const told = head ? await refreshed((await names.get(local.entry.name))!, to, signal) : []
      return {
        service: local.service.toString(),
        from: from.toString(),
        to: to.toString(),
        commit: runs?.commit.toString() ?? null,
        warnings: [...warnings, ...told],
        breaks,
      }
    },

    async rollback({ name, commit }, { signal }) {
      const { service, entry } = await localOf(name, signal)
      const { from, to, head, warnings } = await parts.rollback(service, commit, { signal })
      const told = await refreshed(entry, head.contract, signal)
      return {
        service: service.toString(),
        from: from.toString(),
        to: to.toString(),
        commit: head.commit.toString(),
        warnings: [...warnings, ...told],
      }
    },

    async fork({ name, as, at, logical }, waiting) {
      const copy = await getCopy(at === undefined ? name : `${name}@${at}`, waiting)
      const plain = copy.at === undefined ? name : name.replace(/@[^@/]*$/, '')
      const isNamed = copy.at === undefined || plain !== name
      // so that its upstream is found again
      if (!copy.head.hosted && isNamed) await parts.copies.note(copy.service, plain)
      const forked = await parts.fork(copy, as, { ...waiting, logical })
      return {
        name: `local.land/_/${forked.name}`,
        service: forked.head.service.toString(),
        from: forked.from.toString(),
        commit: forked.head.commit.toString(),
        trust: forked.head.trust,
        url: urlOf(forked.name),
        warnings: forked.warnings,
      }
    },

    async merge({ name }, waiting) {
      const { service, entry, ...one } = await localOf(name, waiting.signal)
      const late = await parts.pullUpstream.refresh(service, waiting)
      const { upstream, base, from, head, warnings } = await parts.merge(service, waiting)
      const told = head ? await refreshed(entry, head.contract, waiting.signal) : []
      const now = head ?? (await history.head(service))!
      return {
        name: `local.land/_/${shownAs(entry, { service, ...one })}`,
        service: service.toString(),
        upstream: upstream.toString(),
        from: from.toString(),
        base: base.toString(),
        commit: head?.commit.toString() ?? null,
        trust: now.trust,
        warnings: [...late, ...warnings, ...told],
      }
    },

    async prune({ name, keep }, { signal, onProgress }) {
      const { service } = await resolveService(name, { signal })
      const progress = (at: { done: number; total: number }): void => onProgress?.({ doing: 'pruning', ...at })
      const pruned = await history.prune(service, retentionOf(keep), { signal, onProgress: progress })
      const { base, holders, ...counts } = pruned
      const named = new Map(
        (await names.all()).flatMap((entry) =>
          entry.running.map((one) => [one.service.toString(), shownAs(entry, one)] as const),
        ),
      )
      return {
        service: service.toString(),
        base: base.commit.toString(),
        seq: base.seq,
        ...counts,
        warnings: holders.map((holder) => heldBy(holder, named)),
      }
    },
  }
}

function retentionOf(keep: Methods['prune']['params']['keep']): Retention {
  if (keep === 'all') return { keep: 'all' }
  if ('checkpoints' in keep) return { keep: 'checkpoints', count: keep.checkpoints }
  return { keep: 'since', time: parseTime(keep.since) }
}

function heldBy({ by, cid, seq }: Holder, names: ReadonlyMap<string, string>): string {
  if (by === 'rollback') return `what came since commit ${seq} stays: the rollback ${cid} went back to it`
  const name = names.get(cid.toString())
  const fork = name === undefined ? cid.toString() : `local.land/_/${name}`
  return `what came since commit ${seq} stays: ${fork} was forked there; prune that first`
}
