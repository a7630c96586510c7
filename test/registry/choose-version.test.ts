/** Choosing versions, against a plain model: ranges written out as intervals of npm's rules. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { RegistryError } from '../../registry/errors.ts'
import { formatSelector, parseSelector } from '../../registry/grammar/selector.ts'
import { findService, findVersion } from '../../registry/grammar/service-of.ts'
import { markServices, warningsOf } from '../../registry/home/marks.ts'
import type { VersionSelector } from '../../registry/types.ts'
import { link } from './helpers.ts'

type Triple = readonly [number, number, number]

interface Published {
  triple: Triple
  /** number of the pre-release; 0: a release */
  pre: number
  yanked: boolean
}

const textOf = ({ triple, pre }: Published): string => `${triple.join('.')}${pre === 0 ? '' : `-rc.${pre}`}`
const order = (a: Triple, b: Triple): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]
const END = 1_000

/** From (inclusive) and to (exclusive), as npm's documentation writes ranges out. */
function intervalOf(operator: '^' | '~', numbers: readonly number[]): [Triple, Triple] {
  const [x = 0, y = 0, z = 0] = numbers
  const given = numbers.length
  const from: Triple = [x, y, z]
  if (given === 1) return [from, [x + 1, 0, 0]]
  if (operator === '~') return [from, [x, y + 1, 0]]
  if (x > 0) return [from, [x + 1, 0, 0]]
  if (y > 0 || given === 2) return [from, [0, y + 1, 0]]
  return [from, [0, 0, z + 1]]
}

function allows(selector: VersionSelector, one: Published): boolean {
  if (selector.kind === 'exact') return textOf(one) === selector.version
  if (one.pre !== 0 || one.yanked) return false
  if (selector.kind === 'latest') return true
  const [from, to]: [Triple, Triple] =
    selector.kind === 'major'
      ? [
          [selector.major, 0, 0],
          [selector.major, END, END],
        ]
      : selector.kind === 'range'
        ? intervalOf(selector.operator, selector.version.split('.').map(Number))
        : assert.fail('not generated')
  return order(one.triple, from) >= 0 && order(one.triple, to) < 0
}

function model(all: readonly Published[], selector: VersionSelector): string | undefined {
  const fitting = all.filter((one) => allows(selector, one))
  const rank = (a: Published, b: Published) => order(a.triple, b.triple) || (a.pre || END) - (b.pre || END)
  const [best] = fitting.toSorted((a, b) => rank(b, a))
  return best && textOf(best)
}

// few numbers, so that versions and selectors meet
const number = fc.nat(3)
const published = fc.record({
  triple: fc.tuple(number, number, number),
  pre: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(2)),
  yanked: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.boolean()),
})
const all = fc.uniqueArray(published, { minLength: 1, maxLength: 12, selector: textOf })
const selectors = fc.oneof(
  fc.constant('latest'),
  number.map((major) => `v${major}`),
  published.map(textOf),
  fc
    .tuple(fc.constantFrom('^', '~'), fc.array(number, { minLength: 1, maxLength: 3 }))
    .map(([operator, numbers]) => operator + numbers.join('.')),
)

const entries = (list: readonly Published[]) =>
  list.map((one) => ({ name: 'forum', version: textOf(one), contract: link(textOf(one)), yanked: one.yanked }))

function chosen(work: () => { version: string }, code: string): string | undefined {
  try {
    return work().version
  } catch (error) {
    assert(error instanceof RegistryError)
    assert.equal(error.code, code)
    return undefined
  }
}

describe('choosing a version, whatever was published', () => {
  it('takes what a plain model takes, among what runs and among what was published', () => {
    const property = fc.property(all, selectors, (list, text) => {
      const selector = parseSelector(text)
      const wanted = model(list, selector)
      assert.equal(
        chosen(() => findService(entries(list), 'forum', selector), 'VERSION_NOT_RUNNING'),
        wanted,
      )
      assert.equal(
        chosen(() => findVersion(entries(list), 'forum', selector), 'VERSION_NOT_FOUND'),
        wanted,
      )
    })
    fc.assert(property, { numRuns: 2_000 })
  })

  it('does not depend on the order in which versions are listed, nor on other names', () => {
    const shuffled = all.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    )
    const property = fc.property(shuffled, selectors, ([list, other], text) => {
      const selector = parseSelector(text)
      const beside = entries(list).map((one) => ({ ...one, name: 'other' }))
      const one = chosen(() => findService([...beside, ...entries(list)], 'forum', selector), 'VERSION_NOT_RUNNING')
      assert.equal(
        chosen(() => findService(entries(other), 'forum', selector), 'VERSION_NOT_RUNNING'),
        one,
      )
    })
    fc.assert(property, { numRuns: 500 })
  })

  it('never takes a pre-release or what was withdrawn, unless its exact version or CID is given', () => {
    const property = fc.property(all, selectors, (list, text) => {
      const selector = parseSelector(text)
      const found = chosen(() => findService(entries(list), 'forum', selector), 'VERSION_NOT_RUNNING')
      const one = list.find((each) => textOf(each) === found)
      if (one && selector.kind !== 'exact')
        assert.deepEqual([one.pre, one.yanked], [0, false], formatSelector(selector))
      const services = entries(list)
      for (const each of services) {
        assert.equal(findService(services, 'forum', { kind: 'cid', cid: each.contract.toString() }), each)
        assert.equal(findService(services, 'forum', { kind: 'exact', version: each.version }), each)
      }
    })
    fc.assert(property, { numRuns: 300 })
  })
})

describe('what was said of a version', () => {
  const version = (number: string, marks: { yanked?: boolean; deprecated?: string | null } = {}) => ({
    ...{ name: 'forum', version: number, contract: link(number), yanked: false, deprecated: null },
    ...marks,
  })

  it('is known of what runs, and told', () => {
    const said = [version('1.0.0', { yanked: true }), version('1.1.0', { deprecated: 'use 2' }), version('2.0.0')]
    const running = said.map(({ name, version }) => ({ name, version }))
    const marked = markServices([...running, { name: 'forum', version: '3.0.0' }], said)
    assert.deepEqual(
      marked.map(({ yanked, deprecated }) => [yanked, deprecated]),
      [
        [true, null],
        [false, 'use 2'],
        [false, null],
        [false, null],
      ],
    )
    assert.deepEqual(
      marked.map((one) => warningsOf(one).length),
      [1, 1, 0, 0],
    )
    assert.match(warningsOf(marked[1]!)[0]!, /forum@1\.1\.0 is deprecated: use 2/)
    const both = { ...marked[0]!, deprecated: 'loses posts' }
    assert.match(warningsOf(both)[0]!, /forum@1\.0\.0 was withdrawn .*: loses posts/)
  })
})
