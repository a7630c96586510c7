/** The second part of the guest's runtime: from values to JSON text in the encoding of specs/values.md. */
export const encode: string = `
const MAX_DEPTH = 64, MAX_BIGINT_DIGITS = 10000
const BASE64 = { __proto__: null, alphabet: 'base64', omitPadding: true, lastChunkHandling: 'loose' }

/** Thrown, always the same, when something has no encoding; nothing of the contract stands between throw and catch. */
const refusal = { __proto__: null, why: '' }
const refuse = why => { refusal.why = why; throw refusal }

const REFUSED = { __proto__: null, function: 'a function', symbol: 'a symbol' }
const encoders = {
  __proto__: null,
  undefined: () => 'null',
  string: value => stringify(value),
  boolean: value => value ? 'true' : 'false',
  number: value => {
    if (value - value !== 0) return '{"/":{"number":"' + value + '"}}'
    return value === 0 && 1 / value < 0 ? '{"/":{"number":"-0"}}' : '' + value
  },
  bigint: value => {
    const digits = '' + value
    if (digits.length > MAX_BIGINT_DIGITS) refuse('it holds a bigint of more than ' + MAX_BIGINT_DIGITS + ' digits')
    return '{"/":{"bigint":"' + digits + '"}}'
  },
  object: (value, depth) => value === null ? 'null' : encodeObject(value, depth),
}

const encodeValue = (value, depth) => {
  const encoder = encoders[typeof value]
  if (encoder === undefined) refuse('it holds ' + REFUSED[typeof value])
  return encoder(value, depth)
}

const encodeObject = (value, depth) => {
  if (depth >= MAX_DEPTH) refuse('it nests deeper than ' + MAX_DEPTH + ' levels')
  if (isArray(value)) return encodeArray(value, depth + 1)
  const prototype = getPrototypeOf(value)
  if (prototype === ObjectPrototype || prototype === null) return encodeRecord(value, depth + 1)
  if (isView(value)) {
    if (typedArrayName(value) !== 'Uint8Array') refuse('its only typed arrays may be Uint8Array')
    return encodeBytes(value)
  }
  const builtIn = builtInOf(value)
  return builtIn === undefined ? encodeRecord(value, depth + 1) : builtIn.encode(value, depth + 1)
}

const encodeArray = (value, depth) => {
  const { length } = value
  let out = '['
  for (let i = 0; i < length; i++) out += (i === 0 ? '' : ',') + encodeValue(value[i], depth)
  return out + ']'
}

const encodeRecord = (value, depth) => {
  const names = keys(value)
  let fields = '', pairs = ''
  let mayTag = false, tagged = false
  for (let i = 0; i < names.length; i++) if (names[i] === '/') mayTag = true
  for (let i = 0; i < names.length; i++) {
    const item = value[names[i]]
    if (item === undefined) continue
    const name = stringify(names[i])
    const text = encodeValue(item, depth)
    fields += (fields === '' ? '' : ',') + name + ':' + text
    if (!mayTag) continue
    pairs += (pairs === '' ? '' : ',') + '[' + name + ',' + text + ']'
    if (names[i] === '/') tagged = true
  }
  return tagged ? '{"/":{"object":[' + pairs + ']}}' : '{' + fields + '}'
}

const encodeBytes = bytes => '{"/":{"bytes":"' + toBase64(bytes, BASE64) + '"}}'

/** A prototype in the chain says what a value may be, a getter or method that works on it alone says that it is. */
const builtIns = [
  { __proto__: null, prototype: MapPrototype, probe: mapSize, encode: (value, depth) => {
    let out = ''
    mapForEach(value, (item, key) => {
      out += (out === '' ? '[' : ',[') + encodeValue(key, depth) + ',' + encodeValue(item, depth) + ']'
    })
    return '{"/":{"map":[' + out + ']}}'
  } },
  { __proto__: null, prototype: SetPrototype, probe: setSize, encode: (value, depth) => {
    let out = ''
    setForEach(value, item => { out += (out === '' ? '' : ',') + encodeValue(item, depth) })
    return '{"/":{"set":[' + out + ']}}'
  } },
  { __proto__: null, prototype: DatePrototype, probe: getTime, encode: value => {
    const time = getTime(value)
    if (time !== time) refuse('it holds an invalid date')
    return '{"/":{"date":"' + toISOString(value) + '"}}'
  } },
  { __proto__: null, prototype: BufferPrototype, probe: bufferLength, encode: value => encodeBytes(new NewUint8Array(value)) },
  { __proto__: null, prototype: PromisePrototype, probe: () => {}, encode: () => refuse('it holds a promise') },
]

const builtInOf = value => {
  for (let i = 0; i < builtIns.length; i++) {
    const builtIn = builtIns[i]
    if (!isPrototypeOf(builtIn.prototype, value)) continue
    try { builtIn.probe(value); return builtIn } catch {}
  }
}
`
