/** The local API with names of other networks: what is asked about `preview.land/alice/forum` is asked there. */
import { formatName, parseName } from '../registry/grammar/name.ts'
import { readInvite, writeInvite } from '../registry/network/invite.ts'
import type { Network } from '../registry/network/types.ts'
import type { Name } from '../registry/types.ts'
import type { Implementation, Methods } from './api/vocabulary.ts'
import type { There, Visits } from './visits.ts'

/** What only asks, and keeps nothing on this node that would belong to another network. */
const ASKED_THERE = [
  'resolve',
  'describe',
  'call',
  'query',
  'stream',
  'subscribe',
  'head',
  'ping',
  'log',
  'state',
  'usage',
  'graph',
  'verify',
] as const

type Asked = (typeof ASKED_THERE)[number]
type Handle = (params: { name?: string }, options: { signal: AbortSignal }) => Promise<{ name?: string }>

export function createElsewhere(
  here: Omit<Implementation, 'networks'>,
  visits: Visits,
  { id, name: own, suffix }: Pick<Network, 'id' | 'name' | 'suffix'>,
): Implementation {
  /** The name, if it is on another network, or names this one. */
  const elsewhere = (text: string | undefined): (Name & { kind: 'page' | 'service' }) | undefined => {
    try {
      const name = parseName(text ?? '', { suffix })
      return (name.kind === 'page' || name.kind === 'service') && name.network !== null ? name : undefined
    } catch {
      // whoever is asked says what is wrong with it
      return undefined
    }
  }

  const asking = (method: Asked): Handle => {
    const local = here[method] as Handle
    return async (params, options) => {
      const name = elsewhere(params.name)
      if (name?.network == null) return local(params, options)
      const { network } = name
      const isKnown = (await visits.all()).some((one) => one.name === network)
      const inside = (by: string): string => formatName({ ...name, network: null }, { suffix: by })
      if (network === own && !isKnown) return local({ ...params, name: inside(suffix) }, options)
      return visits.visit(network, options.signal, async (there) => {
        const handle = there.implementation[method] as Handle
        const answer = await handle({ ...params, name: inside(there.suffix) }, options)
        // the name that was asked for is the one that works here
        return 'name' in answer ? { ...answer, name: formatName(name, { suffix }) } : answer
      })
    }
  }

  /** What is imported is told with how its network is reached, for who runs it does not know this node's names. */
  const contract: Implementation['contract'] = async ({ invite, ...params }, options) => {
    const name = elsewhere(params.name)
    if (name?.network == null) return here.contract(params, options)
    const given = invite === undefined ? undefined : readInvite(invite)
    const known = given ?? (await visits.known(name.network).catch(() => undefined))
    const inside = (by: string): string => formatName({ ...name, network: null }, { suffix: by })
    // by the name of its own network it is imported as from there
    if (known === undefined && name.network === own) return here.contract({ ...params, name: inside(suffix) }, options)
    const { network } = known ?? (await visits.known(name.network))
    const ask = (by: Pick<Implementation, 'contract'>) =>
      by.contract({ ...params, name: inside(network.suffix) }, options)
    const { signal } = options
    const away = (work: (there: There) => ReturnType<typeof ask>) =>
      given === undefined
        ? visits.visit(name.network!, signal, work)
        : visits.reach(given, { signal, byInvite: true }, work)
    const found = network.id === id ? await ask(here) : await away(({ implementation }) => ask(implementation))
    const asked = formatName(name, { suffix })
    return { ...found, name: asked, network: { id: network.id, invite: writeInvite(known!) } }
  }

  return {
    ...here,
    contract,
    ...(Object.fromEntries(ASKED_THERE.map((method) => [method, asking(method)])) as unknown as Pick<
      Implementation,
      Asked
    >),
    networks: (params) => networks(visits, params),
  }
}

async function networks(
  visits: Visits,
  { add, as, remove }: Methods['networks']['params'],
): Promise<Methods['networks']['result']> {
  if (add !== undefined) return { networks: [await visits.add(add, as)] }
  if (remove !== undefined) return { networks: [await visits.remove(remove)] }
  return { networks: await visits.all() }
}
