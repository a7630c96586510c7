import { MAX_GRAPH_DEPTH } from '../../daemon/api/constants.ts'
import { toDot } from '../graph-dot.ts'
import { drawGraph } from '../graph-tree.ts'
import { readCount } from '../read-count.ts'
import { serviceName } from '../service-name.ts'
import { say, toText } from '../text.ts'
import type { Answer, Command, Context, FlagSpec } from '../types.ts'
import { warnings } from './build.ts'

const DEPTH: FlagSpec = { name: 'depth', value: 'N', help: 'how far to follow what is found; 5 if nothing is said' }

export const why: Command = {
  name: 'why',
  summary: 'show what a service depends on, and who depends on it',
  args: [{ name: 'NAME', help: 'a service, or published code' }],
  flags: [DEPTH],
  examples: ['why local.land/_/forum', 'why alice.amigos.net/forum --depth 1'],
  run: (context) => answer(context),
}

export const graph: Command = {
  name: 'graph',
  summary: 'the same as why, or as a drawing for Graphviz',
  args: [{ name: 'NAME', help: 'a service, or published code' }],
  flags: [{ name: 'dot', help: 'in the DOT language: pipe it to dot -Tsvg' }, DEPTH],
  examples: ['graph local.land/_/forum', 'graph local.land/_/forum --dot'],
  run: (context) => answer(context),
}

async function answer({ flags, request, words }: Context): Promise<Answer> {
  const name = serviceName(words[0])
  const depth = readCount(flags, 'depth', MAX_GRAPH_DEPTH, 'say it like --depth 2')
  const found = await request(
    'graph',
    { name, ...(depth !== undefined && { depth }) },
    { doing: `asking around for ${name}` },
  )
  return {
    value: found,
    human: flags.has('dot') ? toDot(found).map(toText) : drawGraph(found, Date.now()),
    notes: [
      ...warnings(found.warnings),
      ...(found.more ? [say`There is more than was found out: somebody did not answer, or --depth is too small.`] : []),
    ],
  }
}
