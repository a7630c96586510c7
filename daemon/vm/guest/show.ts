/**
 * The part of the guest's runtime that writes state JSON (specs/state.md). It runs no code of the contract: accessors and proxies are named,
 * not asked.
 */
export const show: string = `
const fieldNames = value => {
  const names = newList(), all = keys(value)
  for (let i = 0; i < all.length; i++) if (!isIndex(all[i])) names[names.length] = all[i]
  return names
}
const isIndex = text => {
  const number = toInteger(text, 10)
  return number >= 0 && '' + number === text
}
const errorNames = value => {
  const names = newList(), all = keys(value)
  for (let i = 0; i < ERROR_FIELDS.length; i++) if (hasOwn(value, ERROR_FIELDS[i])) names[names.length] = ERROR_FIELDS[i]
  for (let i = 0; i < all.length; i++) {
    const known = all[i] === 'message' || all[i] === 'cause' || all[i] === 'errors' || all[i] === 'stack'
    if (!known) names[names.length] = all[i]
  }
  return names
}
const ERROR_FIELDS = setPrototypeOf(['message', 'cause', 'errors'], null)
const noFields = () => newList()
const flagsOf = value => {
  let flags = ''
  for (let i = 0; i < REGEXP_FLAGS.length; i++) if (REGEXP_FLAGS[i].isSet(value)) flags += REGEXP_FLAGS[i].flag
  return flags
}

/** By the engine's own name of a kind of object: the prototype that needs no class, what is inside, and the fields besides. */
const record = { __proto__: null, prototype: ObjectPrototype }
const shapes = {
  __proto__: null,
  Object: record, Arguments: record, Module: record, global: record,
  Array: { __proto__: null, prototype: ArrayPrototype, fields: (value, plain) => plain ? newList() : fieldNames(value), body: (value, depth, place) => {
    const frame = frameOf(stepArray, value, depth, place)
    frame.length = value.length
    push(frame)
  } },
  Map: { __proto__: null, prototype: MapPrototype, fields: keys, body: (value, depth, place) => {
    const frame = frameOf(stepMap, value, depth, place), items = newList()
    mapForEach(value, (item, key) => { items[items.length] = key; items[items.length] = item })
    frame.items = items
    push(frame)
  } },
  Set: { __proto__: null, prototype: SetPrototype, fields: keys, body: (value, depth, place) => {
    const frame = frameOf(stepSet, value, depth, place), items = newList()
    setForEach(value, item => { items[items.length] = item })
    frame.items = items
    push(frame)
  } },
  Date: { __proto__: null, prototype: DatePrototype, fields: keys, body: value => {
    const time = getTime(value)
    write(time === time ? tag('date', stringify(toISOString(value))) : opaque('invalid date'))
  } },
  Uint8Array: { __proto__: null, prototype: Uint8ArrayPrototype, fields: (value, plain) => plain ? newList() : fieldNames(value), body: value => writeBytes(value) },
  ArrayBuffer: { __proto__: null, fields: noFields, body: value => writeBytes(new NewUint8Array(value)) },
  DataView: { __proto__: null, fields: noFields, body: value => writeBytes(new NewUint8Array(viewBuffer(value), viewOffset(value), viewLength(value))) },
  RegExp: { __proto__: null, fields: noFields, body: value => {
    const lastIndex = readOwn(value, 'lastIndex')
    write('{"source":' + stringify(regExpSource(value)) + ',"flags":"' + flagsOf(value) + '","lastIndex":' +
      (typeof lastIndex === 'number' && lastIndex - lastIndex === 0 ? lastIndex : 0) + '}')
  } },
  Error: { __proto__: null, fields: noFields, body: (value, depth, place) => pushRecord(value, errorNames(value), depth, place) },
}
const typedShape = { __proto__: null, fields: noFields, body: value => writeBytes(bytesOf(value)) }
for (const name in typedArrays) shapes[name] = typedShape

const showValue = (value, depth, up, lead, token) => {
  if (value === accessor) return write(opaque('getter'))
  if (value === missing || value === undefined) return write(UNDEFINED)
  const type = typeof value
  if (type === 'symbol') return write(opaque('Symbol'))
  if (type === 'string') {
    if (value.length > room) throw tooLarge
    return write(stringify(value))
  }
  if (type === 'bigint' && asIntN(BIGINT_BITS, value) !== value) return write(opaque('large bigint'))
  if (type !== 'function' && type !== 'object' || value === null) return write(encoders[type](value, 0))
  const known = mapGet(seen, value)
  if (known !== undefined) return write(tag('ref', stringify(pointerOf(known))))
  const kind = host.kind(value)
  if (type === 'function' && kind !== 'Proxy') return write(tag('function', stringify(ownText(value, 'name'))))
  const shape = shapes[kind]
  if (shape === undefined) return write(opaque(kind))
  if (depth >= STATE_DEPTH) return write(opaque('too deep'))
  const place = { __proto__: null, up, lead, token }
  mapSet(seen, value, place)
  const prototype = getPrototypeOf(value)
  const plain = shape.prototype !== undefined && (prototype === shape.prototype || prototype === null)
  if (shape === record && plain) return pushRecord(value, keys(value), depth + 1, place)
  const inside = { __proto__: null, up: place, lead: '/~1/class/1', token: undefined }
  if (shape === record) {
    write('{"/":{"class":[' + stringify(classNameOf(prototype)) + ',')
    pushText(']}}')
    return pushRecord(value, keys(value), depth + 1, inside, privateNamesOf(prototype))
  }
  const fields = shape.fields(value, plain), hidden = plain ? undefined : privateNamesOf(prototype)
  if (plain && fields.length === 0) return shape.body(value, depth + 1, place)
  write('{"/":{"class":[' + stringify(plain || shape.prototype === undefined && kind !== 'Error' ? kind : classNameOf(prototype)) + ',')
  pushText(']}}')
  if (fields.length > 0 || hidden !== undefined) {
    pushRecord(value, fields, depth + 1, { __proto__: null, up: place, lead: '/~1/class/2', token: undefined }, hidden)
    pushText(',')
  }
  shape.body(value, depth + 1, inside)
}
/** bits of the least bigint of more digits than a value may have */
const BIGINT_BITS = 33220

/** The text behind a plus sign, as an answer. */
const stateText = (value, limit) => {
  seen = new NewMap()
  parts = newList()
  piece = '+'
  room = limit + 1
  top = null
  showValue(value, 0, null, '')
  while (top !== null) top.step(top)
  flush()
  const all = parts
  seen = parts = undefined
  return joined(all)
}
/** Two and two, letting go of what was joined: a text that is joined at once is copied whenever it grows. */
const joined = list => {
  let at = list
  while (at.length > 1) {
    const next = newList()
    for (let i = 0; i < at.length; i += 2) {
      next[next.length] = i + 1 < at.length ? at[i] + at[i + 1] : at[i]
      at[i] = at[i + 1] = ''
    }
    at = next
  }
  return at[0]
}
`
