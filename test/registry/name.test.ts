import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { RegistryError } from '../../registry/errors.ts'
import { formatName, parseName } from '../../registry/grammar/name.ts'
import type { Name, Owner, VersionSelector } from '../../registry/types.ts'
import { link, person } from './helpers.ts'

interface Vectors {
  valid: { text: string; name: Name }[]
  invalid: { text: string; code: string; why: string }[]
}

const vectors: Vectors = JSON.parse(readFileSync(new URL('../../specs/vectors/names.json', import.meta.url), 'utf8'))

describe('registry names', () => {
  for (const { text, name } of vectors.valid) {
    it(`reads ${text.slice(0, 60)}`, () => assert.deepEqual(parseName(text), name))
  }

  for (const { text, code, why } of vectors.invalid) {
    it(`refuses ${why}: ${JSON.stringify(text.slice(0, 40))}`, () => {
      assert.throws(() => parseName(text), { code })
    })
  }

  it('says in every refusal what to try, without repeating what a terminal would act on', () => {
    for (const { text } of vectors.invalid) {
      const error = refusalOf(text)
      assert.ok(error.hint.length > 0 && error.message.length > 0)
      assert.match(`${error.message}${error.hint}`, /^[\x20-\x7e]*$/)
    }
  })

  it('names the ways to say what a bare word means', () => {
    const { hint } = refusalOf('forum')
    for (const way of ['local.land/_/forum', './forum', 'forum.amigos.net', 'USER/forum']) assert.ok(hint.includes(way))
  })

  it('takes the suffix from the network', () => {
    const options = { suffix: 'example.test' }
    const page = { kind: 'page', network: null, owner: { username: 'alice' } }
    assert.deepEqual(parseName('alice.example.test', options), page)
    assert.equal(formatName(parseName('alice/forum@v2', options), options), 'alice.example.test/forum@v2')
    assert.throws(() => parseName('alice.amigos.net', options), { code: 'NAME_INVALID' })
  })

  it('refuses a suffix that would take over other forms', () => {
    for (const suffix of [
      'land',
      'x.land',
      'github.com',
      'net',
      '',
      '.net',
      'Amigos.net',
      'a/b.net',
      'a.b-',
      `${'a.'.repeat(300)}net`,
    ]) {
      assert.throws(() => parseName('alice/forum', { suffix }), { code: 'NAME_INVALID' })
    }
  })

  it('says where a name ends that has a path behind it', () => {
    for (const [text, name] of [
      ['alice/forum@v1/posts/ein Gruß', 'alice.amigos.net/forum@v1'],
      ['local.land/_/forum/a', 'local.land/_/forum'],
      ['preview.land/alice/forum/a', 'preview.land/alice/forum'],
    ] as const) {
      assert.throws(() => parseName(text), { code: 'NAME_INVALID', hint: `leave the path away: ${name}` })
    }
    for (const text of ['alice/forum/', 'alice/forum//a', 'alice/forum/../a', 'alice/forum/a%2f', 'alice/forum/a\\b']) {
      assert.throws(() => parseName(text), { code: 'NAME_INVALID' })
    }
  })

  it('reads what it writes, for every name there is', async () => {
    const arbitrary = names((await person(1)).user, (await person(2)).peer)
    fc.assert(fc.property(arbitrary, (name) => assert.deepEqual(parseName(formatName(name)), name)))
  })

  it('writes one text for each name, and refuses all other text with its own error', () => {
    const pieces = [
      'alice',
      'forum',
      '.',
      '/',
      '@',
      '~',
      '..',
      'amigos.net',
      'land',
      'v1',
      '1.2.0',
      'https://',
      '%',
      'ａ',
      '\u0000',
      '-',
      '_',
      ' ',
      link('x').toString(),
    ]
    const noise = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((all) => all.join('')),
    )
    fc.assert(
      fc.property(noise, (text) => {
        try {
          const written = formatName(parseName(text))
          assert.equal(formatName(parseName(written)), written)
        } catch (error) {
          assert.equal((error as RegistryError).code, 'NAME_INVALID')
        }
      }),
    )
  })
})

function refusalOf(text: string): RegistryError {
  try {
    parseName(text)
  } catch (error) {
    if (error instanceof RegistryError) return error
  }
  return assert.fail(`${text} was not refused`)
}

function names(key: string, peer: string): fc.Arbitrary<Name> {
  const plain = { noNullPrototype: true } as const
  const label = (min: number, max: number) =>
    fc
      .array(fc.constantFrom(...'abcxyz0189-'), { minLength: min, maxLength: max })
      .map((chars) => chars.join('').replace(/-+/g, '-').replace(/^-|-$/g, 'q'))
      .filter((text) => text.length >= min)
  const number = fc.nat(999_999_999)
  const numbers = (length: number) =>
    fc.array(number, { minLength: length, maxLength: length }).map((all) => all.join('.'))
  const cid = fc.constantFrom(link('a').toString(), link('b', 0x55).toString(), link('c', 0x70).toString())
  const version: fc.Arbitrary<VersionSelector> = fc.oneof(
    fc.constant<VersionSelector>({ kind: 'latest' }),
    fc.tuple(numbers(3), fc.constantFrom('', '-beta', '-beta.1', '-0', '-x-y')).map(([text, pre]): VersionSelector => {
      return { kind: 'exact', version: text + pre }
    }),
    fc
      .tuple(fc.constantFrom('^' as const, '~' as const), fc.oneof(numbers(1), numbers(2), numbers(3)))
      .map(([operator, text]): VersionSelector => ({ kind: 'range', operator, version: text })),
    number.map((major): VersionSelector => ({ kind: 'major', major })),
    cid.map((text): VersionSelector => ({ kind: 'cid', cid: text })),
  )
  const owner: fc.Arbitrary<Owner> = fc.oneof(
    label(2, 32).map((username) => ({ username })),
    fc.constant({ key }),
  )
  const network = fc.option(
    label(2, 32).filter((text) => text !== 'local'),
    { nil: null },
  )
  const path = fc
    .array(fc.constantFrom('a', 'src', 'main.ts', 'é x', '...'), { maxLength: 3 })
    .map((parts) => parts.join('/'))
  return fc.oneof(
    fc.record({ kind: fc.constant('page' as const), network, owner }, plain),
    fc.record({ kind: fc.constant('service' as const), network, owner, service: label(1, 64), version }, plain),
    fc.record({ kind: fc.constant('local' as const), service: label(1, 64), version }, plain),
    fc.record({ kind: fc.constant('cid' as const), cid, path }, plain),
    fc.record({ kind: fc.constant('folder' as const), path: path.map((text) => `./${text}`) }, plain),
    fc.constant<Name>({ kind: 'peer', peer }),
    fc.record(
      {
        kind: fc.constant('external' as const),
        resolver: fc.constant('github.com'),
        location: fc.tuple(label(1, 20), label(1, 20)).map((parts) => parts.join('/')),
        ref: fc.option(fc.constantFrom('v1.2.3', 'main', 'feature/x'), { nil: null }),
      },
      plain,
    ),
    fc.webUrl({ size: 'small', validSchemes: ['https'], withQueryParameters: true, withFragments: true }).map(
      (url): Name => ({
        kind: 'external',
        resolver: 'https',
        location: new URL(url).href.slice('https://'.length),
        ref: null,
      }),
    ),
  )
}
