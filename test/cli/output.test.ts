import assert from 'node:assert/strict'
import fc from 'fast-check'
import { join, linesOf, say, styled, table } from '../../cli/text.ts'
import { visible, visibleJson, visibleLines } from '../../cli/visible.ts'

/** What a terminal obeys, or what makes text look like another one. */
const UNSAFE = /[\p{Cc}\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}\p{Cs}]/u

/** Everything a string can hold, lone surrogates too, and more of what is dangerous than chance would bring. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\u001b[2J',
        '\u001b]0;x\u0007',
        '\u009b31m',
        '\r',
        '\n',
        '\t',
        '\u202e',
        '\u2066',
        '\u{e0041}',
        '\ud800',
      ),
      fc.string({ unit: 'binary' }),
      fc.string(),
    ),
  )
  .map((parts) => parts.join(''))

describe('text from outside', () => {
  it('never reaches a terminal raw', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        assert.doesNotMatch(visible(text), UNSAFE)
        assert.doesNotMatch(visibleLines(text).replace(/[\n\t]/g, ''), UNSAFE)
        assert.doesNotMatch(say`${text}`.render(false), UNSAFE)
      }),
    )
  })

  it('is shown, not dropped', () => {
    assert.equal(visible('a\u001b[31mb\r\n'), 'a\\x1b[31mb\\r\\n')
    assert.equal(visible('x\u202ey'), 'x\\u{202e}y')
    assert.equal(visible('\u009b'), '\\x9b')
  })

  it('is left alone where it is text', () => {
    for (const text of ['plain', 'Grüße, κόσμε, 世界', '👩‍👩‍👧 नमस्ते می‌خواهم', 'C:\\n "quoted"'])
      assert.equal(visible(text), text)
    assert.equal(visibleLines('a\n\tb'), 'a\n\tb')
  })
})

describe('JSON for scripts', () => {
  it('is one line of the same value, with nothing that a terminal obeys', () => {
    fc.assert(
      fc.property(fc.dictionary(hostile, fc.oneof(hostile, fc.integer(), fc.array(hostile))), (value) => {
        const text = visibleJson(value)
        assert.doesNotMatch(text, UNSAFE)
        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it('is null for nothing', () => {
    assert.equal(visibleJson(undefined), 'null')
  })
})

describe('text for people', () => {
  it('is coloured only if asked to, and the colours are ours alone', () => {
    const line = say`a ${styled('bold', '\u001b[31mb')} c`
    assert.equal(line.render(false), 'a \\x1b[31mb c')
    assert.equal(line.render(true), 'a \u001b[1m\\x1b[31mb\u001b[22m c')
  })

  it('stands in columns, whatever is coloured', () => {
    const rows = table([
      [styled('bold', 'name'), 'n'],
      ['forum', 12],
    ])
    assert.deepEqual(
      rows.map((row) => row.render(false)),
      ['name   n', 'forum  12'],
    )
  })

  it('keeps lines apart where lines are meant, and nowhere else', () => {
    assert.equal(linesOf('a\nb').length, 2)
    assert.equal(say`${'a\nb'}`.render(false), 'a\\nb')
    assert.equal(join([say`a`, say`b`], ', ').render(false), 'a, b')
  })
})
