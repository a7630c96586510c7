import type { NodeStatus, ServiceSummary } from '../../daemon/api/vocabulary.ts'
import { ago, bytes, span } from '../format.ts'
import { say, styled, type Text, table } from '../text.ts'
import type { Command } from '../types.ts'

export const status: Command = {
  name: 'status',
  summary: 'show the node, its services, its peers and what it publishes',
  args: [],
  flags: [],
  examples: ['status', 'status --json'],

  async run({ request }) {
    const node = await request('status', {})
    return { value: node, human: [...about(node), ...services(node.services), ...published(node)], notes: next(node) }
  },
}

export const id: Command = {
  name: 'id',
  summary: 'show who I am on the network',
  args: [],
  flags: [],
  examples: ['id', 'id --json'],

  async run({ request }) {
    const node = await request('status', {})
    const rows = [['peer', node.peerId], ...who(node), ...node.addresses.map((address) => ['address', address])]
    return { value: node, human: table(rows) }
  },
}

function about(node: NodeStatus): Text[] {
  return table([
    ['peer', node.peerId],
    ...who(node),
    ['network', `${node.network}, ${node.peers} ${node.peers === 1 ? 'peer' : 'peers'}`],
    ['page', styled('cyan', node.http)],
    ...node.origins.map((origin, index) => [index === 0 ? 'programs' : '', origin]),
    ['up', `${span(node.uptime)}, version ${node.version}${newer(node)}, pid ${node.pid}`],
    ['traffic', `${bytes(node.traffic.sent)} out, ${bytes(node.traffic.received)} in`],
  ])
}

function newer({ release }: NodeStatus): string {
  return release?.isNewer ? ` (${release.version} is there)` : ''
}

function who({ user, usernames }: NodeStatus): string[][] {
  const names = usernames.map(({ name, expires, seenBy }, index) => [
    index === 0 ? 'username' : '',
    `${name}, record until ${expires}, seen by ${seenBy}`,
  ])
  return [['user', user], ...names]
}

function services(list: readonly ServiceSummary[]): Text[] {
  if (list.length === 0) return [say``, say`No services yet.`]
  const head = ['service', 'version', 'seq', 'trust', 'published as'].map((title) => styled('bold', title))
  const rows = list.map((one) => [one.name, versionOf(one), one.seq, one.trust, one.published ?? '-'])
  return [say``, ...table([head, ...rows]), ...forks(list)]
}

/** Where those come from that were forked. */
function forks(list: readonly ServiceSummary[]): Text[] {
  const rows = list.flatMap(({ name, forkedFrom: from }) =>
    from === undefined ? [] : [[name, from.name ?? from.service ?? '-', from.commit]],
  )
  if (rows.length === 0) return []
  return [say``, ...table([['fork', 'of', 'at commit'].map((title) => styled('bold', title)), ...rows])]
}

function versionOf({ version, yanked, deprecated }: ServiceSummary): string {
  if (yanked) return `${version} withdrawn`
  return deprecated === undefined ? version : `${version} deprecated`
}

function published({ names }: NodeStatus): Text[] {
  if (names.length === 0) return []
  const now = Date.now()
  const head = ['name', 'published', 'lag', 'seen by', 'expires'].map((title) => styled('bold', title))
  const rows = names.map((one) => [one.name, ago(one.published, now), span(one.lag / 1000), one.seenBy, one.expires])
  return [say``, ...table([head, ...rows])]
}

function next({ services }: NodeStatus): Text[] {
  return services.length === 0 ? [say`Next: amigo init hello && amigo publish hello`] : []
}
