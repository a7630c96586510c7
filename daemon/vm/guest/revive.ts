/**
 * The part of the guest's runtime that reads state JSON (specs/state.md): first an empty container for each node of the text, then what is
 * in it, so that cycles come out right and no depth is too much.
 */
export const revive: string = `
/** Nodes of the text by what they became; nodes still to be made; nodes to be filled; and, once, the first that cannot be carried over. */
let made, waiting, filling, root, lost
/** the source whose variable is being made: its classes come first */
let currentSource = ''

const shell = (json, value, fill, items) => {
  mapSet(made, json, value)
  filling = { __proto__: null, next: filling, json, value, fill, items }
}
const later = (json, place, wants) => {
  if (typeof json === 'object' && json !== null) waiting = { __proto__: null, next: waiting, json, place, wants, source: currentSource }
  else if (typeof json === 'number' && json - json !== 0) refuse('a number is too large')
}
const below = (place, lead, token) => ({ __proto__: null, up: place, lead, token })
const lose = (place, why) => { lost ??= { __proto__: null, place, why } }

const tagOf = json => {
  if (isArray(json) || !hasOwn(json, '/')) return undefined
  const inner = json['/']
  const names = typeof inner === 'object' && inner !== null && !isArray(inner) ? keys(inner) : []
  if (keys(json).length !== 1 || names.length !== 1) refuse('an object has a malformed key "/"')
  return names[0]
}

const refTarget = json => {
  const pointer = json['/'].ref
  expect(typeof pointer === 'string' && (pointer === '' || pointer[0] === '/'), 'ref')
  let at = root, from = 1
  while (from <= pointer.length) {
    let end = indexOf(pointer, '/', from)
    if (end < 0) end = pointer.length
    const token = unescapeToken(slice(pointer, from, end))
    expect(typeof at === 'object' && at !== null && hasOwn(at, token) && (!isArray(at) || isIndex(token)), 'ref')
    at = at[token]
    from = end + 1
  }
  expect(typeof at === 'object' && at !== null && tagOf(at) !== 'ref', 'ref')
  return at
}
const unescapeToken = token => {
  if (indexOf(token, '~') < 0) return token
  let out = ''
  for (let i = 0; i < token.length; i++) {
    if (token[i] !== '~') { out += token[i]; continue }
    i++
    expect(token[i] === '0' || token[i] === '1', 'ref')
    out += token[i] === '0' ? '~' : '/'
  }
  return out
}

/** What a node became; primitives are themselves. */
const revived = json => {
  if (typeof json !== 'object' || json === null) return json
  if (mapHas(made, json)) return mapGet(made, json)
  return mapGet(made, refTarget(json))
}

const define = (object, name, value, enumerable) =>
  defineProperty(object, name, { __proto__: null, value, writable: true, enumerable, configurable: true })
const fillArray = ({ json, value }) => {
  for (let i = 0; i < json.length; i++) define(value, i, revived(json[i]), true)
}
const fillRecord = ({ items, value }) => {
  const names = keys(items)
  for (let i = 0; i < names.length; i++) define(value, names[i], revived(items[names[i]]), true)
}
const fillPairs = ({ items, value }) => {
  for (let i = 0; i < items.length; i++) define(value, items[i][0], revived(items[i][1]), true)
}
const fillMap = ({ items, value }) => {
  for (let i = 0; i < items.length; i++) mapSet(value, revived(items[i][0]), revived(items[i][1]))
}
const fillSet = ({ items, value }) => {
  for (let i = 0; i < items.length; i++) setAdd(value, revived(items[i]))
}

const isRecord = json => typeof json === 'object' && json !== null && !isArray(json)
const expectPairs = (json, tag) => {
  expect(isArray(json), tag)
  for (let i = 0; i < json.length; i++) expect(isPair(json[i]), tag)
}

const makePlain = (json, place, into) => {
  if (isArray(json)) {
    shell(json, into ?? [], fillArray)
    for (let i = json.length - 1; i >= 0; i--) later(json[i], below(place, '', i))
    return
  }
  shell(json, into ?? {}, fillRecord, json)
  const names = keys(json)
  for (let i = names.length - 1; i >= 0; i--) later(json[names[i]], below(place, '', names[i]))
}
const literal = (decode) => (json, inner, place) => { mapSet(made, json, decode(inner, 0)) }
/** Writes into what is there already: its length and kind have been compared. */
const overwriteBytes = (value, fresh) => {
  const kind = host.kind(value)
  const bytes = kind === 'ArrayBuffer' ? new NewUint8Array(value)
    : kind === 'DataView' ? new NewUint8Array(viewBuffer(value), viewOffset(value), viewLength(value)) : bytesOf(value)
  typedSet(bytes, fresh)
}
const nothing = (json, inner, place) => {
  expect(typeof inner === 'string', 'tag')
  mapSet(made, json, undefined)
}
/** By tag: makes the node, and asks for those below it. */
const makers = {
  __proto__: null,
  number: literal(decoders.number), bigint: literal(decoders.bigint),
  date: (json, inner, place, into) => {
    const fresh = decoders.date(inner)
    if (into !== undefined) setTime(into, getTime(fresh))
    mapSet(made, json, into ?? fresh)
  },
  bytes: (json, inner, place, into) => {
    const fresh = decoders.bytes(inner)
    if (into !== undefined) overwriteBytes(into, fresh)
    mapSet(made, json, into ?? fresh)
  },
  undefined: (json, inner) => { expect(inner === true, 'undefined'); mapSet(made, json, undefined) },
  function: (json, inner, place) => { nothing(json, inner); lose(place, 'a function') },
  opaque: (json, inner, place) => { nothing(json, inner); lose(place, 'something that cannot be shown (' + slice(inner, 0, 40) + ')') },
  ref: json => {
    const target = refTarget(json)
    if (!mapHas(made, target)) later(target, below(null, json['/'].ref))
  },
  map: (json, inner, place, into) => {
    expectPairs(inner, 'map')
    shell(json, into ?? new NewMap(), fillMap, inner)
    for (let i = inner.length - 1; i >= 0; i--) {
      later(inner[i][1], below(place, '/~1/map/' + i + '/1'))
      later(inner[i][0], below(place, '/~1/map/' + i + '/0'))
    }
  },
  set: (json, inner, place, into) => {
    expect(isArray(inner), 'set')
    shell(json, into ?? new NewSet(), fillSet, inner)
    for (let i = inner.length - 1; i >= 0; i--) later(inner[i], below(place, '/~1/set/' + i))
  },
  object: (json, inner, place, into) => {
    expectPairs(inner, 'object')
    for (let i = 0; i < inner.length; i++) expect(typeof inner[i][0] === 'string', 'object')
    shell(json, into ?? {}, fillPairs, inner)
    for (let i = inner.length - 1; i >= 0; i--) later(inner[i][1], below(place, '/~1/object/' + i + '/1'))
  },
  class: (json, inner, place, into) => {
    const good = isArray(inner) && (inner.length === 2 || inner.length === 3) && typeof inner[0] === 'string' && isRecord(inner[1]) | isArray(inner[1])
    expect(good && (inner.length === 2 || isRecord(inner[2])), 'class')
    makeInstance(json, inner, place, into)
  },
}

/** How instances come to their prototype; none for migrate(old), which gets plain objects. */
let prototypeFor
const bytesInside = body => {
  if (tagOf(body) !== 'bytes') return undefined
  return decoders.bytes(body['/'].bytes)
}
const builtInstance = (name, body) => {
  const bytes = isRecord(body) ? bytesInside(body) : undefined
  if (bytes !== undefined) {
    if (name === 'ArrayBuffer') return typedBuffer(bytes)
    if (name === 'DataView') return new NewDataView(typedBuffer(bytes))
    const Typed = typedArrays[name]
    if (Typed === undefined) return undefined
    try { return new Typed(typedBuffer(bytes)) } catch { refuse('a class is malformed') }
  }
  if (name !== 'RegExp' || !isRecord(body) || typeof body.source !== 'string' || typeof body.flags !== 'string') return undefined
  try {
    const value = new NewRegExp(body.source, body.flags)
    if (typeof body.lastIndex === 'number') value.lastIndex = body.lastIndex
    return value
  } catch (error) { if (letterOf(error) === 'T') refuse('a class is malformed'); throw error }
}
const bodyMakers = { __proto__: null, map: makers.map, set: makers.set, date: makers.date, bytes: makers.bytes, object: makers.object }

const makeInstance = (json, inner, place, into) => {
  const name = inner[0], body = inner[1]
  const builtIn = into === undefined ? builtInstance(name, body) : undefined
  if (builtIn !== undefined) {
    mapSet(made, json, builtIn)
    mapSet(made, body, builtIn)
    return
  }
  const prototype = into === undefined && prototypeFor !== undefined ? prototypeFor(name, place) : undefined
  const inside = below(place, '/~1/class/1'), tag = tagOf(body)
  const start = prototype !== undefined && isPrototypeOf(ErrorPrototype, prototype) ? new NewError() : into
  if (tag === 'opaque') makers.opaque(body, body['/'].opaque, inside)
  else if (tag === undefined) makePlain(body, inside, start)
  else {
    const make = bodyMakers[tag]
    expect(make !== undefined, 'class')
    make(body, body['/'][tag], inside, start)
  }
  const value = mapGet(made, body)
  mapSet(made, json, value)
  if (value === undefined) return
  if (prototype !== undefined) setPrototypeOf(value, prototype)
  if (inner.length === 3) {
    const fields = inner[2]
    const more = below(place, '/~1/class/2')
    const record = tagOf(fields) === 'object' ? makers.object : undefined
    if (record !== undefined) record(fields, fields['/'].object, more, value)
    else makePlain(fields, more, value)
  }
}

const make = ({ json, place, wants }) => {
  if (mapHas(made, json)) return
  const tag = tagOf(json)
  if (tag === undefined) return makePlain(json, place, wants)
  const maker = makers[tag]
  if (maker === undefined) refuse('the tag behind a key "/" is unknown')
  maker(json, json['/'][tag], place, wants)
}
const makeAll = () => {
  while (waiting !== null) {
    const next = waiting
    waiting = next.next
    currentSource = next.source
    make(next)
  }
}
const fillAll = () => {
  let first = null
  for (let at = filling; at !== null; at = at.next) first = { __proto__: null, next: first, job: at }
  for (; first !== null; first = first.next) first.job.fill(first.job)
}
const beginReviving = json => {
  root = json
  made = new NewMap()
  waiting = filling = null
  lost = undefined
}
`
