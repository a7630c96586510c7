import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_MARKDOWN_BYTES } from '../../daemon/page/constants.ts'
import { createMarkdownRenderer } from '../../daemon/page/markdown.ts'
import { resolveLink } from '../../daemon/page/markdown-links.ts'
import { createMarkdownThread, type MarkdownThread } from '../../daemon/page/markdown-thread.ts'

const render = createMarkdownRenderer()
const place = { service: 'forum', path: 'a/b' }
const { signal } = new AbortController()

/** Every tag and attribute that may ever come out; the whole output has to be made of these and of text without `<`. */
const TAG =
  /<(?:a href="(?:https?:\/\/[^"<>\s]*|mailto:[^"<>\s]*|\/forum\/[^"<>\s]*|#at-[^"<>\s]*)"(?: rel="noopener noreferrer nofollow ugc")?|h[2-6](?: id="at-[^"<>]*")?|ol(?: start="\d{1,9}")?|t[hd](?: class="(?:left|centre|right)")?|pre tabindex="0"|div class="scroll" role="region" aria-label="Table" tabindex="0"|\/?(?:p|em|strong|s|code|ul|li|blockquote|hr|br|table|thead|tbody|tr)|\/(?:a|h[2-6]|ol|th|td|pre|div))>/g

function assertSafe(output: string): void {
  assert.ok(!output.replace(TAG, '').includes('<'), `unexpected markup in ${output}`)
}

const fragment = fc.constantFrom(
  ...[
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '[x](',
    ')',
    'javascript:alert(1)',
    'JaVa\tScript:1',
    '&#x6a;avascript:1',
  ],
  ...[
    'data:text/html,<b>',
    'https://e.org/"onload=1',
    '//evil.example',
    '/\\evil.example',
    '![',
    '](',
    '<',
    '>',
    '\n',
    '\n\n',
    '# ',
    '```',
    '    ',
    '> ',
  ],
  ...[
    '| a | b |\n|:-|-:|\n',
    '[r]',
    '\n[r]: vbscript:x "t"\n',
    '*',
    '_',
    '`',
    '"',
    "'",
    '&',
    '\\',
    'http://user:pw@e.org',
    '#h',
    '../../..',
    '1. ',
    '- ',
    'é',
    '\0',
    '~~',
  ],
)

describe('page: Markdown', () => {
  it('gives nothing but the tags and attributes of its list, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 30 }), (parts) => assertSafe(render(parts.join(''), place))),
      { numRuns: 1000 },
    )
  })

  it('shows raw HTML as text', () => {
    const output = render('<script>alert(1)</script>\n\na <b onclick="x">b</b>', place)
    assert.ok(!/<script|<b/.test(output))
    assert.ok(output.includes('&lt;script&gt;'))
  })

  it('makes an image a link to it, and the words alone inside a link', () => {
    assert.equal(render('![a "cat"](cat.png)', place), '<p><a href="/forum/a/cat.png">a &quot;cat&quot;</a></p>\n')
    assert.equal(render('[![cat](cat.png)](/x)', place), '<p><a href="/forum/x">cat</a></p>\n')
  })

  it('shifts headings below the one h1 of the page and gives each an anchor once', () => {
    assert.equal(
      render('# One\n# One\n###### Six', place),
      '<h2 id="at-one">One</h2>\n<h2>One</h2>\n<h6 id="at-six">Six</h6>\n',
    )
  })

  it('aligns cells without a style attribute', () => {
    const output = render('|a|b|\n|-|:-:|\n|1|2|', place)
    assert.ok(output.includes('<td class="centre">2</td>'))
    assert.ok(!output.includes('style='))
  })

  it('does not let reference links multiply a long target', () => {
    const text = `[a]: /${'x'.repeat(2000)}\n\n${'[a] '.repeat(100_000)}`
    const output = render(text, place)
    assertSafe(output)
    assert.ok(output.length < 4 * text.length)
  })
})

describe('page: links', () => {
  const table: [target: string, expected: string | undefined][] = [
    ['https://example.org/a?b#c', 'https://example.org/a?b#c'],
    ['HTTP://EXAMPLE.org', 'http://example.org/'],
    ['mailto:ana@example.org', 'mailto:ana@example.org'],
    ['c', '/forum/a/c'],
    ['./c?page=2#Some-Thing', '/forum/a/c?page=2#at-some-thing'],
    ['/c', '/forum/c'],
    ['../../../../etc/passwd', '/forum/etc/passwd'],
    ['%2e%2e/%2e%2e/%2e%2e/x', '/forum/x'],
    ['..\\..\\..\\x', '/forum/x'],
    ['#Top', '#at-top'],
    ['//evil.example/x', undefined],
    ['/\\evil.example/x', undefined],
    ['https:evil.example', undefined],
    ['https://user:password@example.org', undefined],
    ['javascript:alert(1)', undefined],
    [' java\nscript:alert(1)', undefined],
    ['data:text/html,x', undefined],
    ['vbscript:x', undefined],
    ['file:///etc/passwd', undefined],
    ['blob:http://localhost/x', undefined],
    ['http://[', undefined],
    [`/${'x'.repeat(3000)}`, undefined],
  ]
  for (const [target, expected] of table) {
    it(`${JSON.stringify(target).slice(0, 48)} -> ${expected ?? 'refused'}`, () => {
      assert.equal(resolveLink(target, place)?.href, expected)
    })
  }

  it('never leave the service except by a scheme', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: fc.constantFrom('.', '/', '\\', '%2e', ':', '\t', 'a', '@', '?', '#') }),
        fc.boolean(),
        (path, target, any) => {
          const link = resolveLink(any ? path.toWellFormed() : target, { service: 'forum', path: path.toWellFormed() })
          if (link !== undefined) assert.match(link.href, link.outside ? /^(https?:\/\/|mailto:)/ : /^(\/forum\/|#at-)/)
        },
      ),
    )
  })
})

describe('page: Markdown thread', () => {
  let thread: MarkdownThread
  beforeEach(() => {
    thread = createMarkdownThread()
  })
  afterEach(() => thread.stop())

  it('renders one text after the other', async () => {
    const [one, two] = await Promise.all([
      thread.render('*1*', place, { signal }),
      thread.render('*2*', place, { signal }),
    ])
    assert.equal(`${one}${two}`, '<p><em>1</em></p>\n<p><em>2</em></p>\n')
  })

  it('refuses what is no text or too large, before the thread sees it', async () => {
    await assert.rejects(thread.render({ toString: 1 }, place, { signal }), { code: 'MARKDOWN_NOT_TEXT' })
    await assert.rejects(thread.render('é'.repeat(MAX_MARKDOWN_BYTES / 2 + 1), place, { signal }), {
      code: 'MARKDOWN_TOO_LARGE',
    })
  })

  it('ends a text that overstays, and takes the next one', async () => {
    const impatient = createMarkdownThread(0)
    try {
      await assert.rejects(impatient.render('x', place, { signal }), { code: 'MARKDOWN_TOO_SLOW' })
      await assert.rejects(impatient.render('y', place, { signal }), { code: 'MARKDOWN_TOO_SLOW' })
    } finally {
      await impatient.stop()
    }
  })

  it('skips texts that nobody waits for any more', async () => {
    await assert.rejects(thread.render('x', place, { signal: AbortSignal.abort(new Error('gone')) }), /gone/)
    assert.equal(String(await thread.render('x', place, { signal })), '<p>x</p>\n')
  })

  const size = 64 << 10
  const bombs: Record<string, string> = {
    'open brackets': '['.repeat(size),
    'empty links': '[]('.repeat(size / 3),
    'open images': '!['.repeat(size / 2),
    stars: '*a '.repeat(size / 3),
    'mixed emphasis': '**a *a _b __b '.repeat(size / 14),
    'nested quotes': '>'.repeat(size),
    'nested lists': Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}- a\n`).join(''),
    backticks: Array.from({ length: 300 }, (_, length) => `${'`'.repeat(length)} `).join(''),
    'wide table': `${'|a'.repeat(4000)}\n${'|-'.repeat(4000)}\n${'|\n'.repeat(1000)}`,
    'reference definitions': '[a]: u\n'.repeat(size / 7),
    entities: '&#x0;'.repeat(size / 5),
    angles: '<'.repeat(size),
  }
  for (const [name, text] of Object.entries(bombs)) {
    it(`finishes a text of ${name} within the thread's own deadline`, async () => {
      assertSafe(String(await thread.render(text, place, { signal })))
    })
  }
})
