import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import type { Machine } from '../../daemon/vm/machine/machine.ts'
import { end, loadTestEngine, machineOf, request } from './kit.ts'
import { BIGINT_DIGITS_MAX } from './value-bounds.ts'
import { decodeValue, encodeValue } from './values.ts'

interface Vectors {
  values: { name: string; js: string; text: string }[]
  oneWay: { name: string; js: string; text: string }[]
  notValues: { name: string; js: string }[]
  malformed: { name: string; text: string }[]
}

const file = new URL('../../specs/vectors/values.json', import.meta.url)
const vectors: Vectors = JSON.parse(readFileSync(file, 'utf8'))
const LONGEST = `{"/":{"bigint":"1${'0'.repeat(BIGINT_DIGITS_MAX - 1)}"}}`

/** The value that a vector's expression makes in this process. */
function made(js: string): unknown {
  return new Function(`return (${js})`)()
}

const CONTRACT = `
  export const make = js => (0, eval)('(' + js + ')')
  export const echo = value => value
`

describe('vm/values on the host', () => {
  it('encodes what the vectors say', () => {
    for (const { name, js, text } of [...vectors.values, ...vectors.oneWay]) {
      assert.equal(encodeValue(made(js)), text, name)
    }
  })

  it('decodes what it encodes', () => {
    for (const { name, js, text } of vectors.values) {
      assert.deepEqual(decodeValue(text), made(js), name)
      assert.equal(encodeValue(decodeValue(text)), text, name)
    }
    for (const { name, text } of vectors.oneWay) assert.equal(encodeValue(decodeValue(text)), text, name)
  })

  it('refuses what has no encoding', () => {
    for (const { name, js } of vectors.notValues) {
      assert.throws(() => encodeValue(made(js)), { code: 'BAD_VALUE' }, name)
    }
  })

  it('refuses what is malformed', () => {
    for (const { name, text } of vectors.malformed) {
      assert.throws(() => decodeValue(text), { code: 'BAD_VALUE' }, name)
    }
    assert.throws(() => decodeValue('['.repeat(200_000) + ']'.repeat(200_000)), { code: 'BAD_VALUE' })
  })

  it('bounds bigints', () => {
    assert.equal(encodeValue(decodeValue(LONGEST)), LONGEST)
    assert.throws(() => decodeValue(LONGEST.replace('1', '11')), { code: 'BAD_VALUE' })
    assert.throws(() => encodeValue(10n ** BigInt(BIGINT_DIGITS_MAX)), { code: 'BAD_VALUE' })
  })

  it('makes a key __proto__ a property, not a prototype', () => {
    for (const text of ['{"__proto__":{"admin":true}}', '{"/":{"object":[["__proto__",{"admin":true}]]}}']) {
      const value = decodeValue(text) as Record<string, unknown>
      assert.equal(Object.getPrototypeOf(value), Object.prototype)
      assert.equal(value['admin'], undefined)
      assert.deepEqual(Object.keys(value), ['__proto__'])
    }
  })

  it('brings any value back', () => {
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom(null, true, false, Number.NaN, -0, Number.POSITIVE_INFINITY),
        fc.double(),
        fc.bigInt(),
        fc.string({ unit: 'binary' }),
        fc.uint8Array({ maxLength: 9 }),
        fc.date({ noInvalidDate: true }),
        fc.array(tie('value')),
        fc.dictionary(fc.constantFrom('a', '/', '__proto__', 'bytes', 'toJSON', ''), tie('value'), {
          noNullPrototype: true,
        }),
        fc.array(fc.tuple(fc.string(), tie('value'))).map((entries) => new Map(entries)),
      ),
    }))
    fc.assert(
      fc.property(value, (any) => assert.deepEqual(decodeValue(encodeValue(any)), any)),
      { numRuns: 100 },
    )
  })
})

describe('vm/values in a contract', () => {
  let machine: Machine
  before(async () => {
    machine = machineOf(await loadTestEngine(), CONTRACT)
  })
  const query = (method: string, args: unknown[] | string) => end(machine.query(request(method, args)))

  it('encodes what the vectors say', () => {
    for (const { name, js, text } of [...vectors.values, ...vectors.oneWay]) {
      assert.equal(query('make', [js]), text, name)
    }
  })

  it('decodes what it encodes', () => {
    for (const { name, text } of [...vectors.values, ...vectors.oneWay]) {
      assert.equal(query('echo', `[${text}]`), text, name)
    }
    assert.equal(query('echo', `[${LONGEST}]`), LONGEST)
  })

  it('refuses what has no encoding', () => {
    for (const { name, js } of vectors.notValues) assert.equal(query('make', [js]), 'RESULT_NOT_A_VALUE', name)
  })

  it('refuses arguments that are malformed', () => {
    for (const { name, text } of vectors.malformed) {
      assert.equal(query('echo', `[${text || '?'}]`), 'ARGUMENTS_NOT_VALUES', name)
    }
    for (const args of ['', 'null', '{}', '"[]"', '[1],[2]', '[1]]', `[${LONGEST.replace('1', '11')}]`]) {
      assert.equal(query('echo', args), 'ARGUMENTS_NOT_VALUES', args.slice(0, 20))
    }
  })

  it('refuses arguments that are not UTF-8', () => {
    const args = Uint8Array.of(0x5b, 0x22, 0xff, 0x22, 0x5d)
    assert.equal(end(machine.query({ ...request('echo'), args })), 'ARGUMENTS_NOT_VALUES')
  })

  it('takes bytes as Uint8Array, dates as Date', () => {
    assert.equal(query('make', ['(b => b instanceof Uint8Array)(new Uint8Array(1))']), 'true')
  })
})
