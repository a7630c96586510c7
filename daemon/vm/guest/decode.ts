/** The third part of the guest's runtime: from parsed JSON in the encoding of specs/values.md to values. */
export const decode: string = `
const decodeValue = (json, depth) => {
  if (typeof json !== 'object' || json === null) {
    if (typeof json === 'number' && json - json !== 0) refuse('a number is too large')
    return json
  }
  if (depth >= MAX_DEPTH) refuse('they nest deeper than ' + MAX_DEPTH + ' levels')
  if (isArray(json)) return decodeArray(json, depth + 1)
  const names = keys(json)
  if (hasOwn(json, '/')) {
    if (names.length !== 1) refuse('an object has the key "/" beside others')
    return decodeTagged(json['/'], depth + 1)
  }
  // assigns to own properties only: that of __proto__ is one, too, because JSON.parse made it
  for (let i = 0; i < names.length; i++) json[names[i]] = decodeValue(json[names[i]], depth + 1)
  return json
}

const decodeArray = (json, depth) => {
  for (let i = 0; i < json.length; i++) json[i] = decodeValue(json[i], depth)
  return json
}

const decodeTagged = (json, depth) => {
  const names = typeof json === 'object' && json !== null && !isArray(json) ? keys(json) : []
  const decoder = names.length === 1 ? decoders[names[0]] : undefined
  if (decoder === undefined) refuse('the tag behind a key "/" is unknown')
  return decoder(json[names[0]], depth)
}

const ODD_NUMBERS = { __proto__: null, NaN: NaN, Infinity: Infinity, '-Infinity': -Infinity, '-0': -0 }
const expect = (good, tag) => { if (!good) refuse('a ' + tag + ' is malformed') }
const isPair = json => isArray(json) && json.length === 2
const decoders = {
  __proto__: null,
  number: json => {
    expect(typeof json === 'string' && hasOwn(ODD_NUMBERS, json), 'number')
    return ODD_NUMBERS[json]
  },
  bigint: json => {
    expect(typeof json === 'string' && json.length <= MAX_BIGINT_DIGITS, 'bigint')
    const value = ToBigInt(json)
    expect('' + value === json, 'bigint')
    return value
  },
  date: json => {
    expect(typeof json === 'string', 'date')
    const value = new NewDate(parseDate(json))
    expect(toISOString(value) === json, 'date')
    return value
  },
  bytes: json => {
    expect(typeof json === 'string', 'byte string')
    const value = fromBase64(json, BASE64)
    expect(toBase64(value, BASE64) === json, 'byte string')
    return value
  },
  map: (json, depth) => {
    expect(isArray(json), 'map')
    const value = new NewMap()
    for (let i = 0; i < json.length; i++) {
      expect(isPair(json[i]), 'map')
      mapSet(value, decodeValue(json[i][0], depth), decodeValue(json[i][1], depth))
    }
    return value
  },
  set: (json, depth) => {
    expect(isArray(json), 'set')
    const value = new NewSet()
    for (let i = 0; i < json.length; i++) setAdd(value, decodeValue(json[i], depth))
    return value
  },
  object: (json, depth) => {
    expect(isArray(json), 'object')
    const value = {}
    for (let i = 0; i < json.length; i++) {
      expect(isPair(json[i]) && typeof json[i][0] === 'string', 'object')
      const item = decodeValue(json[i][1], depth)
      defineProperty(value, json[i][0], { __proto__: null, value: item, writable: true, enumerable: true, configurable: true })
    }
    return value
  },
}
`
