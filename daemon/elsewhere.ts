/** The local API with names of other networks: what is asked about `preview.land/alice/forum` is asked there. */
import { formatName, parseName } from '../registry/grammar/name.ts'
import type { Network } from '../registry/network/types.ts'
import type { Name } from '../registry/types.ts'
import type { Implementation, Methods } from './api/vocabulary.ts'
import type { Visits } from './visits.ts'

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
  'contract',
] as const

type Asked = (typeof ASKED_THERE)[number]
type Handle = (params: { name?: string }, options: { signal: AbortSignal }) => Promise<{ name?: string }>

export function createElsewhere(
  here: Omit<Implementation, 'networks'>,
  visits: Visits,
  { name: own, suffix }: Pick<Network, 'name' | 'suffix'>,
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

  return {
    ...here,
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
