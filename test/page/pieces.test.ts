import assert from 'node:assert/strict'
import fc from 'fast-check'
import { callLine, connectLine, stateLine } from '../../daemon/page/command.ts'
import { clip, duration, shorten } from '../../daemon/page/format.ts'
import { refusal } from '../../daemon/page/gate.ts'
import { identicon } from '../../daemon/page/identicon.ts'
import { toProblem } from '../../daemon/page/problems.ts'
import { isServiceName } from '../../daemon/page/service-name.ts'
import { parseTarget } from '../../daemon/page/target.ts'
import { type Colour, dark, light, type Palette } from '../../daemon/page/theme.ts'
import { PEER_ID } from './fake-source.ts'

const FORUM = 'local.land/_/forum'

describe('page: targets', () => {
  const good: [target: string, segments: string[]][] = [
    ['/', ['']],
    ['/forum/', ['forum', '']],
    ['/forum/a%20b/%C3%A9?q=/../x', ['forum', 'a b', 'é']],
    ['/forum/...', ['forum', '...']],
    ['//evil.example/', ['', 'evil.example', '']],
  ]
  for (const [target, segments] of good) it(`reads ${target}`, () => assert.deepEqual(parseTarget(target), segments))

  const bad = [
    '',
    '*',
    'http://evil.example/',
    'forum',
    '/a/../b',
    '/a/%2e%2E/b',
    '/a/.',
    '/a%2fb',
    '/a%5Cb',
    '/a\\b',
    '/%',
    '/%zz',
    '/%ff',
    '/%c0%ae',
    '/a%00',
    '/a%0d%0aX:1',
    '/a#b',
    '/é',
    '/a b',
  ]
  for (const target of bad)
    it(`refuses ${JSON.stringify(target)}`, () => assert.throws(() => parseTarget(target), { code: 'URL_INVALID' }))

  it('bounds length, depth and the decoded path', () => {
    assert.throws(() => parseTarget(`/${'a'.repeat(5000)}`), { code: 'URL_TOO_LONG' })
    assert.throws(() => parseTarget('/a'.repeat(40)), { code: 'URL_TOO_LONG' })
    assert.throws(() => parseTarget(`/a/${'a'.repeat(1025)}`), { code: 'URL_TOO_LONG' })
  })

  it('gives back any path that was escaped segment by segment', () => {
    const segment = fc
      .string({ unit: 'grapheme', maxLength: 20 })
      .filter((text) => text !== '.' && text !== '..' && !/[/\\]|\p{Cc}/u.test(text) && text.isWellFormed())
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 8 }), (segments) => {
        assert.deepEqual(parseTarget(`/${segments.map(encodeURIComponent).join('/')}`), segments)
      }),
    )
  })
})

describe('page: command lines', () => {
  const fn = (name: string, example: string, kind: 'call' | 'query' = 'call') => ({
    name,
    kind,
    example,
    signature: '()',
    doc: '',
  })

  it('are as they are typed on this node', () => {
    assert.equal(callLine('amigo', FORUM, fn('go', '')), 'amigo call local.land/_/forum go')
    assert.equal(callLine('amigo', '~k51a/forum', fn('go', '')), `amigo call '~k51a/forum' go`)
    assert.equal(stateLine('amigo', 'bafya'), 'amigo state bafya')
    for (const evil of ['', `~'; x`, 'a b', '-x', 'a\n', '$(x)']) {
      assert.equal(callLine('amigo', evil, fn('go', '')), undefined)
      assert.equal(stateLine('amigo', evil), undefined)
    }
    const line = callLine('npx amigo', FORUM, fn('post', `'a b' 1 '{"x":1}'`, 'query'))
    assert.equal(line, `npx amigo query local.land/_/forum post 'a b' 1 '{"x":1}'`)
  })

  it('hold nothing that a shell would run, whatever the contract says', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: fc.constantFrom("'", '"', '$', '`', ';', '(', '\\', 'a', ' ', '\n', '&', '|') }),
        (name, example) => {
          const line = callLine('amigo', FORUM, fn(name, example)) ?? callLine('amigo', FORUM, fn('go', example))!
          const bare = line.replace(/'[^']*'/g, '').replaceAll("\\'", '')
          assert.match(bare, /^amigo call local\.land\/_\/forum [A-Za-z0-9_]+[A-Za-z0-9_.:/+=@ -]*$/)
        },
      ),
    )
    assert.equal(connectLine('amigo', '/ip4/1.2.3.4/tcp/1;rm'), undefined)
    assert.equal(connectLine('amigo', '/ip4/1.2.3.4/tcp/1'), 'amigo connect /ip4/1.2.3.4/tcp/1')
  })
})

describe('page: gate', () => {
  const good = { method: 'GET', hosts: ['localhost:1'], fetchSite: undefined, fetchDest: undefined, hasBody: false }
  it('lets plain readers and links from elsewhere in', () => {
    assert.equal(refusal(good), undefined)
    assert.equal(refusal({ ...good, method: 'HEAD', fetchSite: 'same-origin', fetchDest: 'image' }), undefined)
    assert.equal(refusal({ ...good, fetchSite: 'cross-site', fetchDest: 'document' }), undefined)
  })
  it('keeps the rest out', () => {
    assert.equal(refusal({ ...good, method: 'POST' }), 'METHOD_NOT_ALLOWED')
    assert.equal(refusal({ ...good, hosts: [] }), 'HOST_MISSING')
    assert.equal(refusal({ ...good, hosts: ['localhost:1', 'localhost:1'] }), 'HOST_MISSING')
    assert.equal(refusal({ ...good, hasBody: true }), 'BODY_REFUSED')
    assert.equal(refusal({ ...good, fetchSite: 'cross-site', fetchDest: 'iframe' }), 'CROSS_SITE')
    assert.equal(refusal({ ...good, fetchSite: 'same-site', fetchDest: 'empty' }), 'CROSS_SITE')
  })
})

describe('page: problems', () => {
  it('shows what a contract threw, and of an unknown failure no more than its code', () => {
    assert.equal(toProblem({ code: 'CONTRACT_THREW', message: 'no such post' }).detail, 'no such post')
    const unknown = toProblem(Object.assign(new Error('open /home/ana/.amigos/key'), { code: 'ENOENT' }))
    assert.equal(unknown.code, 'ENOENT')
    assert.ok(!JSON.stringify(unknown).includes('/home'))
  })
  it('makes a problem of anything', () => {
    fc.assert(fc.property(fc.anything(), (error) => assert.ok(toProblem(error).status >= 400)))
    for (const code of ['__proto__', 'constructor', 'toString', 'NOT_STARTED'])
      assert.equal(toProblem({ code }).status, 500)
  })
})

describe('page: looks', () => {
  const textColours: Colour[] = ['ink', 'soft', 'accent', 'good', 'warn', 'bad']
  const grounds: Colour[] = ['paper', 'card', 'code']

  for (const [name, palette] of Object.entries({ light, dark })) {
    it(`every text colour is readable on every ground (${name}, WCAG AA)`, () => {
      for (const text of textColours) {
        for (const ground of grounds) assert.ok(contrast(palette, text, ground) >= 4.5, `${text} on ${ground}`)
      }
    })
  }

  it('draws the same flower for the same peer, another for another', () => {
    assert.equal(identicon(PEER_ID).toString(), identicon(PEER_ID).toString())
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.base64String({ minLength: 8 }), { minLength: 2, maxLength: 2 }),
        ([a, b]) => identicon(a!).toString() !== identicon(b!).toString(),
      ),
    )
  })

  it('writes times, long words and long texts', () => {
    assert.deepEqual([0, 1, 59, 3600, 200_000].map(duration), [
      'less than a second',
      '1 second',
      '59 seconds',
      '1 hour',
      '2 days',
    ])
    assert.equal(duration(Number.NaN), 'less than a second')
    assert.equal(shorten(PEER_ID), '12D3KooWBm…HBox2')
    assert.equal(clip('abcdef', 4), 'abc…')
    assert.equal(clip(7, 4), '')
  })

  it('takes one label for a service name', () => {
    for (const name of ['forum', 'a', 'guest-book', 'x_1']) assert.ok(isServiceName(name))
    for (const name of ['', '-a', 'a-', 'a.b', 'a/b', '..', 'a b', 'é', 'a'.repeat(65), 7, 'a\n'])
      assert.ok(!isServiceName(name))
  })
})

function contrast(palette: Palette, a: keyof Palette, b: keyof Palette): number {
  const [light, dark] = [luminance(palette[a]), luminance(palette[b])].sort((x, y) => y - x)
  return (light! + 0.05) / (dark! + 0.05)
}

/** Relative luminance of WCAG 2.2. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}
