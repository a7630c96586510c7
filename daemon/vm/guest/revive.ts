/**
 * The part of the guest's runtime that reads state JSON (specs/state.md): first an empty container for each node of the text, then what is
 * in it, so that cycles come out right and no depth is too much.
 */
export const revive: string = `
/** Frames of containers whose nodes are being made; containers to be filled when all are; and, once, the first that cannot be carried over. */
let walking, filling, lost
/** the source whose variable is being made: its classes come first */
let currentSource = ''

const fillLater = (value, fill, items) => { filling = { __proto__: null, next: filling, value, fill, items } }
/** What a node of a container becomes takes its place there. */
const walk = (holder, names, length, place, lead) => {
  walking = { __proto__: null, under: walking, holder, names, length, i: 0, place, lead, source: currentSource }
}
const below = (place, lead, token) => ({ __proto__: null, up: place, lead, token })
const lose = (place, why) => { lost ??= { __proto__: null, place, why } }
const isNode = json => {
  if (typeof json === 'number' && json - json !== 0) refuse('a number is too large')
  return typeof json === 'object' && json !== null
}

const define = (object, name, value, enumerable) =>
  defineProperty(object, name, { __proto__: null, value, writable: true, enumerable, configurable: true })
const fillArray = ({ items, value }) => {
  for (let i = 0; i < items.length; i++) define(value, i, items[i], true)
}
const fillRecord = ({ items, value }) => {
  const names = keys(items)
  for (let i = 0; i < names.length; i++) define(value, names[i], items[names[i]], true)
}
const fillPairs = ({ items, value }) => {
  for (let i = 0; i < items.length; i++) define(value, items[i][0], items[i][1], true)
}
// pairs are let go of one by one: there may be no room for all of them twice
const fillMap = ({ items, value }) => {
  for (let i = 0; i < items.length; i++) {
    const pair = items[i]
    items[i] = undefined
    mapSet(value, pair[0], pair[1])
  }
}
const fillSet = ({ items, value }) => {
  for (let i = 0; i < items.length; i++) setAdd(value, items[i])
}

const isRecord = json => typeof json === 'object' && json !== null && !isArray(json)
const expectPairs = (json, tag) => {
  expect(isArray(json), tag)
  for (let i = 0; i < json.length; i++) expect(isPair(json[i]), tag)
}

/** Lists and records of the text are those of the new state, unless it has one of its own. */
const makePlain = (json, place, into) => {
  const names = isArray(json) ? undefined : keys(json)
  if (into !== undefined) fillLater(into, names === undefined ? fillArray : fillRecord, json)
  walk(json, names, (names ?? json).length, place, '')
  return note(json, into ?? json)
}
const nothing = (json, inner) => {
  expect(typeof inner === 'string', 'tag')
  return undefined
}
/** Writes into what is there already: its length and kind have been compared. */
const overwriteBytes = (value, fresh) => {
  const kind = host.kind(value)
  const bytes = kind === 'ArrayBuffer' ? new NewUint8Array(value)
    : kind === 'DataView' ? new NewUint8Array(viewBuffer(value), viewOffset(value), viewLength(value)) : bytesOf(value)
  typedSet(bytes, fresh)
}
const literal = decode => (json, inner) => decode(inner, 0)
/** By tag: makes the node, and asks for those below it. */
const makers = {
  __proto__: null,
  number: literal(decoders.number), bigint: literal(decoders.bigint),
  date: (json, inner, place, into) => {
    const fresh = decoders.date(inner)
    if (into !== undefined) setTime(into, getTime(fresh))
    return note(json, into ?? fresh)
  },
  bytes: (json, inner, place, into) => {
    const fresh = decoders.bytes(inner)
    if (into !== undefined) overwriteBytes(into, fresh)
    return note(json, into ?? fresh)
  },
  undefined: (json, inner) => { expect(inner === true, 'undefined'); return note(json, undefined) },
  function: (json, inner, place) => { nothing(json, inner); lose(place, 'a function'); return note(json, undefined) },
  opaque: (json, inner, place) => {
    nothing(json, inner)
    lose(place, 'something that cannot be shown (' + slice(inner, 0, 40) + ')')
    return note(json, undefined)
  },
  ref: json => {
    const target = mapGet(refs, json)
    return mapHas(made, target) ? mapGet(made, target) : make(target, below(null, json['/'].ref))
  },
  map: (json, inner, place, into) => {
    expectPairs(inner, 'map')
    const value = into ?? new NewMap()
    fillLater(value, fillMap, inner)
    walk(inner, PAIRS, inner.length * 2, place, '/~1/map/')
    return note(json, value)
  },
  set: (json, inner, place, into) => {
    expect(isArray(inner), 'set')
    const value = into ?? new NewSet()
    fillLater(value, fillSet, inner)
    walk(inner, undefined, inner.length, place, '/~1/set')
    return note(json, value)
  },
  object: (json, inner, place, into) => {
    expectPairs(inner, 'object')
    for (let i = 0; i < inner.length; i++) expect(typeof inner[i][0] === 'string', 'object')
    const value = into ?? {}
    fillLater(value, fillPairs, inner)
    walk(inner, PAIRS, inner.length * 2, place, '/~1/object/')
    return note(json, value)
  },
  class: (json, inner, place, into) => {
    const good = isArray(inner) && (inner.length === 2 || inner.length === 3) && typeof inner[0] === 'string' && isRecord(inner[1]) | isArray(inner[1])
    expect(good && (inner.length === 2 || isRecord(inner[2])), 'class')
    return note(json, makeInstance(inner, place, into))
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

const makeInstance = (inner, place, into) => {
  const name = inner[0], body = inner[1]
  const builtIn = into === undefined ? builtInstance(name, body) : undefined
  if (builtIn !== undefined) return note(body, builtIn)
  const prototype = into === undefined && prototypeFor !== undefined ? prototypeFor(name, place) : undefined
  const inside = below(place, '/~1/class/1'), tag = tagOf(body)
  const start = prototype !== undefined && isPrototypeOf(ErrorPrototype, prototype) ? new NewError() : into
  if (tag === 'opaque') return makers.opaque(body, body['/'].opaque, inside)
  const maker = tag === undefined ? undefined : bodyMakers[tag]
  expect(tag === undefined || maker !== undefined, 'class')
  const value = tag === undefined ? makePlain(body, inside, start) : maker(body, body['/'][tag], inside, start)
  if (prototype !== undefined) setPrototypeOf(value, prototype)
  if (inner.length === 3) {
    const fields = inner[2]
    const more = below(place, '/~1/class/2')
    if (tagOf(fields) === 'object') makers.object(fields, fields['/'].object, more, value)
    else makePlain(fields, more, value)
  }
  return value
}

/** What a node becomes; what is in it follows. */
const make = (json, place, wants) => {
  if (!isNode(json)) return json
  if (targets !== undefined && mapHas(made, json)) return mapGet(made, json)
  const tag = tagOf(json)
  if (tag === undefined) return makePlain(json, place, wants)
  const maker = makers[tag]
  if (maker === undefined) refuse('the tag behind a key "/" is unknown')
  return maker(json, json['/'][tag], place, wants)
}
/** Stands for the names of a list of pairs: each has two. */
const PAIRS = newList()
const makeAll = () => {
  while (walking !== null) {
    const frame = walking, { i, names } = frame
    if (i === frame.length) { walking = frame.under; continue }
    frame.i++
    const holder = names === PAIRS ? frame.holder[(i - i % 2) / 2] : frame.holder
    const name = names === undefined ? i : names === PAIRS ? i % 2 : names[i]
    const json = holder[name]
    if (!isNode(json)) continue
    currentSource = frame.source
    const place = names === PAIRS ? below(frame.place, frame.lead + (i - i % 2) / 2 + '/' + name) : below(frame.place, frame.lead, name)
    const value = make(json, place)
    // one of its own, like every value in what was parsed: nothing that is inherited is asked
    if (value !== json) holder[name] = value
  }
}
const fillAll = () => {
  let first = null
  for (let at = filling; at !== null; at = at.next) first = { __proto__: null, next: first, job: at }
  for (; first !== null; first = first.next) first.job.fill(first.job)
}
const beginReviving = (json, text) => {
  walking = filling = null
  lost = undefined
  beginReferring(json, text)
}
/** Lets go of what was only needed on the way: the state would hold it for ever. */
const endReviving = () => {
  walking = filling = lost = undefined
  endReferring()
}
`
