import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_DEPTH, MAX_ELEMENTS } from '../../daemon/api/constants.ts'
import { createJsonGuard } from '../../daemon/api/json-guard.ts'
import { checkParams } from '../../daemon/api/methods.ts'
import { integer, list, optional, record, required, text } from '../../daemon/api/shapes.ts'

describe('shapes', () => {
  const check = record({
    name: required(text({ max: 3 })),
    counts: optional(list(integer({ min: 0, max: 9 }), { max: 2 })),
  })

  it('pass exactly what was declared', () => {
    assert.equal(check({ name: 'abc' }, ''), undefined)
    assert.equal(check({ name: 'abc', counts: [0, 9] }, ''), undefined)
    assert.match(check({ name: 'abcd' }, '') ?? '', /name/)
    assert.match(check({ name: '' }, '') ?? '', /name/)
    assert.match(check({ name: 'a', counts: [1, 10] }, '') ?? '', /counts\[1\]/)
    assert.match(check({ name: 'a', counts: [1, 2, 3] }, '') ?? '', /counts/)
    assert.match(check({ counts: [] }, '') ?? '', /name/)
    assert.match(check({ name: 'a', extra: 1 }, '') ?? '', /extra/)
  })

  it('take nothing that is only inherited', () => {
    assert.match(check(Object.create({ name: 'abc' }), '') ?? '', /name/)
  })

  it('never throw, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('call', 'push', 'status', 'inbox', 'query', 'verify', 'prune', 'state'),
        fc.jsonValue(),
        (method, value) => {
          const wrong = checkParams(method as 'call', value)
          assert.ok(wrong === undefined || wrong.length > 0)
        },
      ),
    )
  })
})

describe('the JSON guard', () => {
  const limits = { depth: MAX_DEPTH, elements: MAX_ELEMENTS }

  /** Depth and number of values by way of the parser, which the guard has to agree with. */
  function measure(value: unknown): { depth: number; elements: number } {
    const children = typeof value === 'object' && value !== null ? Object.values(value) : []
    const inner = children.map(measure)
    return {
      depth: typeof value === 'object' && value !== null ? 1 + Math.max(0, ...inner.map((one) => one.depth)) : 0,
      elements: 1 + inner.reduce((sum, one) => sum + one.elements, 0),
    }
  }

  it('lets through what is within its limits, however it is cut, and nothing deeper', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.integer({ min: 1, max: 7 }), (value, size) => {
        const bytes = Buffer.from(JSON.stringify(value))
        const { depth, elements } = measure(value)
        const feed = (limits: { depth: number; elements: number }) => {
          const guard = createJsonGuard(limits)
          for (let at = 0; at < bytes.length; at += size) guard(bytes.subarray(at, at + size))
        }
        // an empty list or object is counted twice: once for its bracket, once as if it held something
        assert.doesNotThrow(() => feed({ depth, elements: 2 * elements }))
        assert.throws(() => feed({ depth, elements: elements - 1 }), { code: 'BAD_REQUEST' })
        if (depth > 0) assert.throws(() => feed({ depth: depth - 1, elements: 2 * elements }), { code: 'BAD_REQUEST' })
      }),
    )
  })

  it('counts no bracket inside a string', () => {
    assert.doesNotThrow(() => createJsonGuard(limits)(Buffer.from(JSON.stringify(`\\"${'['.repeat(1_000)}`))))
  })
})
