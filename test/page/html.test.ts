import assert from 'node:assert/strict'
import fc from 'fast-check'
import { escapeHtml, html, type Part, type SafeHtml } from '../../daemon/page/html.ts'

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom('<', '>', '&', '"', "'", '`', '&lt;', '<script>', '</p>', '" onload="', '\0', '\ud800', 'é'),
      { maxLength: 12 },
    )
    .map((parts) => parts.join('')),
)

describe('page: html template', () => {
  it('lets no markup through, in content or in a quoted attribute', () => {
    fc.assert(
      fc.property(hostile, hostile, (title, text) => {
        const markup = html`<p title="${title}" lang='${title}'>${text}</p>`.toString()
        const match = /^<p title="([^"<>'`]*)" lang='([^"<>'`]*)'>([^"<>'`]*)<\/p>$/.exec(markup)
        assert.ok(match, markup)
        assert.ok(match.slice(1).every((part) => !/&(?!(amp|lt|gt|quot|#39|#96);)/.test(part)))
      }),
    )
  })

  it('keeps the text: what a browser decodes is what was put in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const decoded = escapeHtml(text)
          .replace(/&(?:lt|gt|quot|#39|#96);/g, (entity) => DECODED[entity]!)
          .replaceAll('&amp;', '&')
        assert.equal(decoded, text.toWellFormed())
      }),
    )
  })

  it('keeps markup, joins lists, leaves out nothing', () => {
    const inner = html`<b>${1}</b>`
    assert.equal(html`${[inner, ['<', undefined]]}${null}${false}${0}`.toString(), '<b>1</b>&lt;0')
  })

  it('takes nothing else for markup', () => {
    const forged = { toString: () => '<script>' } as unknown as SafeHtml
    assert.throws(() => html`${forged as Part}`.toString())
    const borrowed = Object.create(html`<b>x</b>`) as Part
    assert.throws(() => html`${borrowed}`.toString())
  })
})

const DECODED: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&#96;': '`' }
