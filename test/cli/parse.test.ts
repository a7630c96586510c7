import assert from 'node:assert/strict'
import fc from 'fast-check'
import { COMMANDS } from '../../cli/commands.ts'
import { GLOBAL_FLAGS } from '../../cli/flags.ts'
import { parseCommandLine } from '../../cli/parse.ts'
import type { Command } from '../../cli/types.ts'

const go: Command = {
  name: 'go',
  aliases: ['walk'],
  summary: '',
  args: [
    { name: 'WHERE', help: '' },
    { name: 'HOW', optional: true, rest: true, help: '' },
  ],
  flags: [
    { name: 'fast', help: '' },
    { name: 'with', value: 'WHOM', repeat: true, help: '' },
    { name: 'version', value: 'V', help: '' },
  ],
  examples: [],
  run: async () => 0,
}
const stay: Command = { name: 'stay', summary: '', args: [], flags: [], examples: [], run: async () => 0 }
const parse = (...argv: string[]) => parseCommandLine(argv, [go, stay])
const usage = (...argv: string[]) => assert.throws(() => parse(...argv), { code: 'USAGE' }, argv.join(' '))

/** Words that are no flags. */
const word = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.startsWith('-'))

describe('the command line', () => {
  it('finds flags anywhere', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), fc.nat(), fc.nat(), word, (words, a, b, whom) => {
        const line = ['go', ...words]
        line.splice(a % (line.length + 1), 0, '--fast')
        // not between a flag and its value, and not before a value: --fast takes none, so every place will do
        line.splice(b % (line.length + 1), 0, `--with=${whom}`)
        const parsed = parse(...line)
        assert.equal(parsed.command?.name, 'go')
        assert.deepEqual(parsed.words, words)
        assert.ok(parsed.flags.has('fast'))
        assert.deepEqual(parsed.flags.list('with'), [whom])
      }),
    )
  })

  it('takes every word after -- as it is', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.array(fc.string(), { maxLength: 5 }), (where, how) => {
        assert.deepEqual(parse('go', '--', where, ...how).words, [where, ...how])
      }),
    )
    assert.equal(parse('--', 'go', 'x').command?.name, 'go')
  })

  it('takes negative numbers and - as arguments', () => {
    const numbers = ['-5', '-0.5', '-.5', '-1e9', '-Infinity', '-']
    assert.deepEqual(parse('go', ...numbers).words, numbers)
    assert.equal(parse('go', 'x', '--with', '-5').flags.text('with'), '-5')
    assert.equal(parse('go', 'x', '--with', '-').flags.text('with'), '-')
  })

  it('takes --flag=value and --flag value for the same', () => {
    fc.assert(
      fc.property(word, (value) => {
        assert.equal(parse('go', 'x', `--with=${value}`).flags.text('with'), value)
        assert.equal(parse('go', 'x', '--with', value).flags.text('with'), value)
      }),
    )
    assert.equal(parse('go', 'x', '--with=a=b').flags.text('with'), 'a=b')
    assert.equal(parse('go', 'x', '--with=--fast').flags.text('with'), '--fast')
  })

  it('keeps all of a flag that may be repeated, and the last of another', () => {
    const { flags } = parse('go', 'x', '--with', 'a', '--with', 'b', '--home', 'c', '--home', 'd')
    assert.deepEqual(flags.list('with'), ['a', 'b'])
    assert.equal(flags.text('home'), 'd')
  })

  it('knows --version as the program’s own without a verb, and as a flag with a value after a verb that has one', () => {
    assert.ok(parse('--version').wantsVersion)
    assert.ok(parse('--version', '--json').wantsVersion)
    usage('stay', '--version')
    usage('stay', '--version', '1.2.0')
    usage('stay', '--version=1.2.0')
    usage('--version', 'stay')
    usage('--version', 'go', 'x')
    const parsed = parse('go', 'x', '--version', '1.2.0')
    assert.equal(parsed.wantsVersion, false)
    assert.equal(parsed.flags.text('version'), '1.2.0')
    usage('go', 'x', '--version')
  })

  it('finds verbs by their other names', () => {
    assert.equal(parse('walk', 'x').command?.name, 'go')
  })

  it('refuses what nobody knows, and guesses what was meant', () => {
    assert.throws(() => parse('go', 'x', '--fats'), { code: 'USAGE', hint: /--fast/ })
    assert.throws(() => parse('--fats', 'go', 'x'), { code: 'USAGE', hint: /--fast/ })
    assert.throws(() => parse('saty'), { code: 'USAGE', hint: /amigo stay/ })
    usage('go', 'x', '-f')
    assert.throws(() => parse('-v'), { code: 'USAGE', hint: /--version or --verbose|--verbose or --version/ })
    assert.throws(() => parse('stay', '--nope'), { code: 'USAGE', hint: /^it takes (?!.*Put --).*--home DIR/ })
    assert.throws(() => parse('go', 'x', '--nope'), { code: 'USAGE', hint: /--with WHOM.*Put -- before/ })
    assert.throws(() => parse('go', 'x', '--wiht'), { code: 'USAGE', hint: /It takes --with WHOM, / })
    usage('go', 'x', '--Fast')
    usage('stay', '--fast')
    usage('--fast', 'stay')
    usage('__proto__')
    usage('stay', '--__proto__')
  })

  it('refuses forgotten and needless values, missing and needless words', () => {
    usage('go', 'x', '--with')
    usage('go', 'x', '--with', '--fast')
    usage('go', 'x', '--with', '')
    usage('go', 'x', '--with=')
    usage('--with=', 'go', 'x')
    usage('go', 'x', '--fast=yes')
    usage('go')
    usage('go', '')
    assert.deepEqual(parse('go', 'x', '').words, ['x', ''])
    usage('stay', 'x')
    assert.doesNotThrow(() => parse('go', '--help'))
  })

  it('never fails but by USAGE', () => {
    const anything = fc.oneof(fc.constantFrom('go', 'stay', '--', '--with', '--fast', '--json', '-', '-5'), fc.string())
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 8 }), (argv) => {
        try {
          parse(...argv)
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'USAGE')
        }
      }),
    )
  })
})

describe('the table of commands', () => {
  it('has no name twice', () => {
    const names = COMMANDS.flatMap(({ name, aliases = [] }) => [name, ...aliases])
    assert.equal(new Set(names).size, names.length)
  })

  it('gives a flag one meaning for all verbs, so that it can stand before any', () => {
    const takesValue = new Map<string, boolean>(GLOBAL_FLAGS.map((flag) => [flag.name, flag.value !== undefined]))
    for (const flag of COMMANDS.flatMap((command) => command.flags)) {
      const known = takesValue.get(flag.name)
      assert.ok(known === undefined || known === (flag.value !== undefined), flag.name)
      takesValue.set(flag.name, flag.value !== undefined)
    }
  })

  it('lets only the last argument take the rest, and no required one follow an optional one', () => {
    for (const { name, args } of COMMANDS) {
      assert.ok(
        args.slice(0, -1).every((argument) => !argument.rest),
        name,
      )
      const firstOptional = args.findIndex((argument) => argument.optional)
      assert.ok(firstOptional === -1 || args.slice(firstOptional).every((argument) => argument.optional), name)
    }
  })

  it('has examples that its own parser takes', () => {
    for (const { name, examples } of COMMANDS) {
      assert.ok(examples.length > 0, name)
      for (const example of examples) {
        const words = [...example.split('<')[0]!.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
          ([, single, double, plain]) => single ?? double ?? plain ?? '',
        )
        assert.equal(parseCommandLine(words, COMMANDS).command?.name, name, example)
      }
    }
  })
})
