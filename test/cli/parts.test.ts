import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { distance } from '../../cli/distance.ts'
import { readDuration } from '../../cli/duration.ts'
import { bytes, span } from '../../cli/format.ts'
import { homeFolder } from '../../cli/home.ts'
import { readEachLine, readLines } from '../../cli/lines.ts'
import { nearest } from '../../cli/nearest.ts'
import { splitPagePath } from '../../cli/page-path.ts'
import { readCall } from '../../cli/read-call.ts'
import { serviceName } from '../../cli/service-name.ts'
import { shellWord } from '../../cli/shell-word.ts'

describe('durations', () => {
  it('have a unit', () => {
    assert.deepEqual(['500ms', '30s', '1.5m', '1h'].map(readDuration), [500, 30_000, 90_000, 3_600_000])
  })

  it('are refused without one, beyond an hour, and as nothing', () => {
    for (const word of ['30', '0s', '-1s', '61m', '2h', 's', '', '1d', '1e3s', 'NaNs', '0.1ms', '1s '])
      assert.throws(() => readDuration(word), { code: 'USAGE' }, word)
  })
})

describe('the home', () => {
  it('is what was said, else what the platform says', () => {
    const at = (flag: string | undefined, env: NodeJS.ProcessEnv, platform: NodeJS.Platform) =>
      homeFolder(flag, env, platform, '/u')
    assert.equal(at('/a', { AMIGO_HOME: '/b' }, 'linux'), '/a')
    assert.equal(at('a', {}, 'linux'), resolve('a'))
    assert.throws(() => at('', { AMIGO_HOME: '/b' }, 'linux'), { code: 'USAGE' })
    assert.equal(at(undefined, { AMIGO_HOME: '' }, 'linux'), '/u/.local/share/amigos')
    assert.equal(at(undefined, { AMIGO_HOME: '/b' }, 'linux'), '/b')
    assert.equal(at(undefined, { XDG_DATA_HOME: '/x' }, 'linux'), '/x/amigos')
    assert.equal(at(undefined, {}, 'linux'), '/u/.local/share/amigos')
    assert.equal(at(undefined, {}, 'darwin'), '/u/Library/Application Support/amigos')
    assert.match(at(undefined, { LOCALAPPDATA: 'L' }, 'win32'), /^L.amigos$/)
  })
})

describe('lines from stdin', () => {
  async function read(chunks: (string | Uint8Array)[], most = 1_000): Promise<string[]> {
    const lines: string[] = []
    for await (const line of readLines(
      (async function* () {
        yield* chunks
      })(),
      most,
    ))
      lines.push(line)
    return lines
  }

  it('are the same however they come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme' })),
        fc.integer({ min: 1, max: 5 }),
        async (texts, size) => {
          const lines = texts.map((text) => text.replace(/[\r\n]/g, ''))
          const all = Buffer.from(lines.map((line) => `${line}\n`).join(''))
          const chunks = Array.from({ length: Math.ceil(all.length / size) }, (_, at) =>
            all.subarray(at * size, at * size + size),
          )
          assert.deepEqual(await read(chunks), lines)
        },
      ),
    )
  })

  it('need no end at the end and may end as on Windows', async () => {
    assert.deepEqual(await read(['a\r\nb']), ['a', 'b'])
    assert.deepEqual(await read([]), [])
  })

  it('are not endless', async () => {
    await assert.rejects(read(['x'.repeat(600), 'x'.repeat(600)]), { code: 'USAGE' })
    const chunks = Readable.from([`a\n${'x'.repeat(600)}`, 'x'.repeat(600), 'x\n\nb\n', 'x'.repeat(1_001)])
    const found: unknown[] = []
    for await (const line of readEachLine(chunks, 1_000)) found.push(typeof line === 'string' ? line : line.code)
    assert.deepEqual(found, ['a', 'USAGE', '', 'b', 'USAGE'])
  })
})

describe('a line of a batch', () => {
  it('is a function and its arguments', () => {
    assert.deepEqual(readCall('{"function":"add","args":[1,"x"]}'), { method: 'add', args: [1, 'x'] })
    assert.deepEqual(readCall('{"function":"tick"}'), { method: 'tick', args: [] })
  })

  it('is nothing else', () => {
    for (const line of [
      '{"function":"f","gas":1}',
      '',
      'null',
      '[]',
      '{}',
      '{"function":1}',
      '{"function":""}',
      '{"function":"f","args":{}}',
      '{',
    ])
      assert.throws(() => readCall(line), { code: 'USAGE' }, line)
  })
})

describe('guesses', () => {
  it('are near', () => {
    assert.equal(nearest('stauts', ['status', 'serve']), 'status')
    assert.equal(nearest('pub', ['publish', 'push']), 'publish')
    assert.equal(nearest('xyzzy', ['status', 'serve']), undefined)
  })

  it('measure like a distance', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
        assert.equal(distance(a, a), 0)
        assert.equal(distance(a, b), distance(b, a))
        assert.ok(distance(a, b) >= Math.abs(a.length - b.length))
        assert.ok(distance(a, b) <= Math.max(a.length, b.length))
      }),
    )
    assert.equal(distance('ab', 'ba'), 1)
  })
})

describe('the place in a page', () => {
  it('begins after the name, in every form of a name', () => {
    const cid = 'bafyreicxpi445ivc5iitb7gbdnhwnogfr3aqbhsmc6kdlbljudyenpnoxa'
    const cases: [word: string, name: string, path: string][] = [
      ['alice.amigos.net/forum', 'alice.amigos.net/forum', ''],
      ['alice.amigos.net/forum/thread/3', 'alice.amigos.net/forum', 'thread/3'],
      ['alice/forum@1.2.0/x', 'alice/forum@1.2.0', 'x'],
      ['~k51abc/forum/x', '~k51abc/forum', 'x'],
      ['local.land/_/forum', 'local.land/_/forum', ''],
      ['local.land/_/forum/x/y', 'local.land/_/forum', 'x/y'],
      [`${cid}/x`, cid, 'x'],
      [cid, cid, ''],
    ]
    for (const [word, name, path] of cases) assert.deepEqual(splitPagePath(word), { name, path }, word)
  })
})

describe('a word for the shell', () => {
  it('is quoted where it means more than itself', () => {
    const name = 'local.land/_/hello@1.2.0'
    assert.equal(shellWord(name), name)
    assert.equal(shellWord('~k51abc/hello'), "'~k51abc/hello'")
    assert.equal(shellWord("my folder's"), `'my folder'\\''s'`)
    assert.deepEqual(['', '=ls', '$HOME', '*', 'a\nb'].map(shellWord), ["''", "'=ls'", "'$HOME'", "'*'", "'a\nb'"])
  })

  it('is the same word when sh has read it', () => {
    const typed = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((word) => !/\0/.test(word))
    fc.assert(
      fc.property(fc.array(typed, { minLength: 50, maxLength: 50 }), (words) => {
        const line = words.map(shellWord).join(' ')
        const read = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
        assert.deepEqual(read.split('\0').slice(0, -1), words)
      }),
      { numRuns: 10 },
    )
  })
})

describe('the name of a service', () => {
  it('is not empty, and no folder', () => {
    for (const word of [undefined, '', 'hello/']) assert.throws(() => serviceName(word), { code: 'USAGE' })
    for (const word of ['c', 'alice/forum', 'local.land/_/hello', '~k51abc/x']) assert.equal(serviceName(word), word)
  })
})

describe('numbers for people', () => {
  it('have few digits', () => {
    assert.deepEqual([0, 999, 1_200, 34_000_000].map(bytes), ['0 B', '999 B', '1.2 kB', '34 MB'])
    assert.deepEqual([0, 59, 61, 3_600, 93_784].map(span), ['0 s', '59 s', '1 min', '1 h 0 min', '1 d 2 h'])
  })
})
