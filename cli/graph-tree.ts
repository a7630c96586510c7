/** Graphs of services for people: a tree for what something depends on, and one for who depends on it. */
import type { Dependency, Dependent, GraphItem, Result } from '../daemon/api/vocabulary.ts'
import { ago, counted, short, shortName } from './format.ts'
import { join, type Style, say, styled, type Text } from './text.ts'

type Graph = Result<'graph'>

const MODES: { readonly [M in GraphItem['mode']]: { style: Style; mark: string } } = {
  live: { style: 'green', mark: '●' },
  fork: { style: 'cyan', mark: '◆' },
  code: { style: 'yellow', mark: '■' },
  npm: { style: 'dim', mark: '□' },
  called: { style: 'dim', mark: '○' },
}

/** @param now milliseconds since 1970 */
export function drawGraph(graph: Graph, now: number): Text[] {
  const { dependencies, dependents } = graph
  const head = join([say`${styled('bold', shortName(graph.name))} ${graph.version}`, ...standing(graph, now)], '  ')
  return [
    head,
    say``,
    styled('dim', dependencies.length === 0 ? 'depends on nothing' : 'depends on'),
    ...branches(
      dependencies,
      (item) => dependencyLines(item, now),
      ({ dependencies: below }) => below,
    ),
    say``,
    styled('dim', dependents.length === 0 ? 'nobody is known to use it' : 'used by'),
    ...branches(
      dependents,
      (item) => dependentLine(item, now),
      ({ dependents: below }) => below,
    ),
  ]
}

function branches<T extends GraphItem>(
  items: readonly T[],
  line: (item: T) => Text,
  below: (item: T) => readonly T[],
): Text[] {
  return items.flatMap((item, index) => {
    const isLast = index === items.length - 1
    const inner = branches(below(item), line, below)
    const rail = styled('dim', isLast ? '  ' : '│ ')
    return [say`${styled('dim', isLast ? '└─' : '├─')} ${line(item)}`, ...inner.map((text) => say`${rail} ${text}`)]
  })
}

function dependencyLines(item: Dependency, now: number): Text {
  const { version, range, license, copy } = item
  const asked = range === null || range === version ? say`` : styled('dim', say` (${range})`)
  return join(
    [
      say`${markOf(item)} ${shortName(item.name)} ${version ?? ''}${asked}`,
      ...(license === null ? [] : [styled('dim', license)]),
      ...newsOf(item),
      ...(copy === null ? [] : [say`copy ${short(copy)}`]),
      ...standing(item, now),
      ...repeatedOf(item),
    ],
    '  ',
  )
}

function dependentLine(item: Dependent, now: number): Text {
  const { version, pinned, range, calls } = item
  const wants = [pinned, range === null || range === pinned ? null : `(${range})`].filter((part) => part !== null)
  return join(
    [
      say`${markOf(item)} ${shortName(item.name)} ${version ?? ''}`,
      ...(wants.length === 0 ? [] : [styled('dim', say`wants ${wants.join(' ')}`)]),
      ...(calls === null ? [] : [styled('dim', counted(calls, 'call'))]),
      ...standing(item, now),
      ...repeatedOf(item),
    ],
    '  ',
  )
}

const markOf = ({ mode }: GraphItem): Text => {
  const { style, mark } = MODES[mode]
  return styled(style, `${mark} ${mode}`)
}

/** What the name stands for now, where that is something else than what is pinned. */
function newsOf({ now }: Dependency): Text[] {
  if (now?.moved) return [styled('red', 'its name stands for another service now')]
  return now?.newer ? [styled('yellow', say`${now.version ?? ''} now`)] : []
}

/** Where it runs, and whether it answers. */
function standing({ host, up, ms, code, seen, mode }: (Partial<GraphItem> & Graph) | GraphItem, now: number): Text[] {
  if (mode === 'npm') return []
  const where = host == null ? [] : [styled('dim', short(host))]
  if (up === true)
    return ms === null ? [styled('green', 'on this node')] : [...where, styled('green', say`up, ${ms} ms`)]
  const last = seen === null ? say`` : say`, heard of ${ago(seen, now)}`
  if (up === null) return [...where, styled('dim', say`${code === null ? 'not asked' : `not known: ${code}`}${last}`)]
  return [...where, styled('red', say`down: ${code ?? 'no answer'}${last}`)]
}

const REPEATED = { circle: 'a circle: it stands above', shown: 'shown above' } as const

const repeatedOf = ({ repeated }: GraphItem): Text[] => (repeated === null ? [] : [styled('dim', REPEATED[repeated])])
