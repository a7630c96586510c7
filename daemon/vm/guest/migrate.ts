/** The last part of the guest's runtime but one: what a new contract takes over from the one before it, see Vm.genesis. */
export const migrate: string = `
const migrated = '+{"migrated":true,"dropped":[],"kept":[]}'
/** Thrown when something cannot be carried over by name. */
const stuck = { __proto__: null, why: '' }
const need = (place, why) => {
  stuck.why = 'The state at ' + toWellFormed(slice(pointerOf(place), 0, 300)) + ' ' + why + ': the contract has to export migrate(old).'
  throw stuck
}

/** A whole state as values. @param prototypes for instances; none: they are plain objects @param strict whether what cannot be a value is refused */
const revived = (json, text, prototypes, strict) => {
  beginReviving(json, text)
  prototypeFor = prototypes
  currentSource = ''
  const value = make(json, null)
  makeAll()
  if (strict && lost !== undefined) need(lost.place, 'is ' + lost.why)
  fillAll()
  endReviving()
  return value
}
const unread = error => {
  if (error === refusal) return 'A' + refusal.why
  if (error === stuck) return 'G' + stuck.why
  const failure = failed(error)
  return failure[0] === 'T' ? 'A' + slice(failure, 1) : failure
}

const migrate = text => {
  try {
    const json = parse(text)
    const method = find('migrate')
    if (method === undefined) {
      beginReviving(json, text)
      return isRecord(json) && tagOf(json) === undefined ? carry(json) : need(null, 'is no list of variables')
    }
    const args = newArguments()
    define(args, 0, revived(json, text, undefined, false), true)
    answers = migratedText
    return use(method, args)
  } catch (error) { return unread(error) }
}

const sourceOf = path => {
  for (let i = 0; i < sources.length; i++) if (sources[i].path === path) return sources[i]
}

/** The class of that name in the source that holds the variable, else the only one of that name. */
const classFor = (name, path) => {
  let found
  for (let i = 0; i < sources.length; i++) {
    const { classes } = sources[i]
    const type = hasOwn(classes, name) ? readOwn(classes, name) : undefined
    if (type === undefined) continue
    if (sources[i].path === path) return type
    if (found !== undefined) return undefined
    found = type
  }
  return found
}

/** Every variable of the old state, with its place among the new ones. */
const pairUp = json => {
  const pairs = newList()
  const addAll = (variables, path, place) => {
    const source = sourceOf(path)
    const present = source === undefined ? {} : source.read()
    const names = keys(variables)
    for (let i = 0; i < names.length; i++) {
      const name = names[i]
      // only a path holds a dot
      if (path === '' && indexOf(name, '.') >= 0 && isRecord(variables[name]) && tagOf(variables[name]) === undefined) {
        addAll(variables[name], name, below(null, '', name))
        continue
      }
      const known = hasOwn(present, name)
      pairs[pairs.length] = {
        __proto__: null, json: variables[name], path, place: below(place, '', name), known,
        value: known ? readOwn(present, name) : undefined,
        set: known && hasOwn(source.setters, name) ? readOwn(source.setters, name) : undefined,
      }
    }
  }
  addAll(json, '', null)
  return pairs
}

/** What a class tag is about; other nodes are about themselves. */
const bodyOf = json => isRecord(json) && tagOf(json) === 'class' && isArray(json['/'].class) ? json['/'].class[1] : json
const BODY_KINDS = { __proto__: null, map: 'Map', set: 'Set', date: 'Date', bytes: 'Uint8Array', object: 'Object' }
const kindInText = json => {
  const body = bodyOf(json)
  if (isArray(body)) return 'Array'
  if (!isRecord(body)) return typeof body
  const tag = tagOf(body)
  if (tag === 'bytes' && body !== json && typeof json['/'].class[0] === 'string' && byteLengths[json['/'].class[0]] !== undefined) return json['/'].class[0]
  return tag === undefined ? 'Object' : BODY_KINDS[tag] ?? tag
}

const clearRecord = value => {
  const names = keys(value)
  for (let i = 0; i < names.length; i++) deleteProperty(value, names[i])
}
const emptied = {
  __proto__: null,
  Array: value => { value.length = 0; clearRecord(value) },
  Map: value => { mapClear(value); clearRecord(value) },
  Set: value => { setClear(value); clearRecord(value) },
  Object: clearRecord,
  Date: clearRecord,
}
/** By kind, how many bytes something holds that keeps its length for ever. */
const byteLengths = { __proto__: null, Uint8Array: typedLength, ArrayBuffer: bufferLength, DataView: viewLength }
for (const name in typedArrays) byteLengths[name] = typedLength
/** Bytes of a text in base64 without padding. */
const lengthInText = text => typeof text === 'string' ? (text.length * 3 - text.length * 3 % 4) / 4 : 0

/** Whether something is a plain array, or a plain object. */
const isLiteralKind = (value, isList) => {
  if (host.kind(value) !== (isList ? 'Array' : 'Object')) return false
  const prototype = getPrototypeOf(value)
  return prototype === (isList ? ArrayPrototype : ObjectPrototype) || (!isList && prototype === null)
}
/** Whether a constant is what the old one was: the same primitives in the same places, and functions where functions were. */
const isSame = (json, value, depth) => {
  if (typeof json !== 'object' || json === null) return json === value
  const isList = isArray(json), tag = isList ? undefined : tagOf(json)
  if (tag === 'function') return typeof value === 'function'
  if (tag !== undefined || typeof value !== 'object' || value === null || depth > MAX_DEPTH || !isLiteralKind(value, isList)) return false
  const names = keys(json), own = keys(value)
  if (names.length !== own.length || isList && json.length !== value.length) return false
  for (let i = 0; i < names.length; i++) if (names[i] !== own[i] || !isSame(json[names[i]], readOwn(value, names[i]), depth + 1)) return false
  return true
}
/** Makes what isSame() found stand for the old one's nodes, for those that refer to them. */
const pin = (json, value) => {
  if (typeof value !== 'object' || value === null) return
  mapSet(made, json, value)
  const names = keys(json)
  for (let i = 0; i < names.length; i++) pin(json[names[i]], readOwn(value, names[i]))
}
const labelOf = name => name === '' ? 'of a class without a name' : 'a ' + slice(name, 0, 100)
const ofSameLength = (value, kind, length, place) => {
  // those whose buffer was taken away have none
  let own = -1
  try { own = byteLengths[kind](value) } catch {}
  if (own !== length) need(place, 'was ' + length + ' bytes long' + (own < 0 ? '' : ' and has ' + own + ' in the new contract'))
  return value
}
/** The container of a constant, emptied, for what the old one held; undefined if the constant is to be left as it is. */
const refilled = ({ json, value, place, path }) => {
  const isContainer = typeof value === 'object' && value !== null
  if (!isContainer) return undefined
  const kind = host.kind(value), wanted = kindInText(json)
  const shape = shapes[kind]
  if (kind === 'RegExp' || kind === 'Error') return undefined
  // deleting from a frozen object fails without a word
  if (kind === 'Object' && isFrozen(value)) return need(place, 'is frozen in the new contract')
  if (wanted === 'opaque' || shape === undefined) return need(place, 'cannot be carried over by name')
  const prototype = getPrototypeOf(value)
  const isClass = shape.prototype !== prototype && prototype !== null
  const name = isRecord(json) && tagOf(json) === 'class' ? json['/'].class[0] : undefined
  expect(name === undefined || typeof name === 'string', 'class')
  // what has no plain form goes by its kind, whatever extends it
  const called = isClass && shape.prototype !== undefined ? classNameOf(prototype) : kind
  if (kind !== wanted || called !== (name ?? kind)) return need(place, 'was ' + labelOf(name ?? wanted) + ' and is ' + labelOf(called) + ' in the new contract')
  if (byteLengths[kind] !== undefined) return ofSameLength(value, kind, lengthInText(bodyOf(json)['/'].bytes), place)
  const empty = emptied[kind]
  if (empty === undefined) return need(place, 'cannot be carried over by name')
  try { empty(value) } catch { need(place, 'is frozen in the new contract') }
  return value
}

const carry = json => {
  const pairs = pairUp(json), set = newList(), fixed = newList(), waiting = newList(), kept = newList(), dropped = newList()
  prototypeFor = (name, place) => {
    const type = classFor(name, currentSource)
    const prototype = prototypeOf(type) ?? errorPrototypes[name]
    if (prototype === undefined) need(place, 'is of a class ' + slice(stringify(name), 0, 100) + ' that the new contract does not have')
    if (privateNamesOf(prototype) !== undefined) need(place, 'is of a class with private members')
    return prototype
  }
  const say = (list, { place }) => { list[list.length] = stringify(pointerOf(place)) }
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs[i]
    if (!pair.known) { say(dropped, pair); continue }
    currentSource = pair.path
    const tag = isRecord(pair.json) ? tagOf(pair.json) : undefined
    let into
    if (pair.set === undefined) {
      if (typeof pair.value === 'function' && tag === 'function') continue
      if (typeof pair.value === 'object' && pair.value !== null && isSame(pair.json, pair.value, 0)) {
        pin(pair.json, pair.value)
        say(kept, pair)
        continue
      }
      if (tag !== 'ref') into = refilled(pair)
      if (into === undefined && tag !== 'ref') {
        // a primitive constant is part of the code, then and now
        if (isRecord(pair.json) || typeof pair.value === 'object') say(dropped, pair)
        continue
      }
      fixed[fixed.length] = pair
    } else set[set.length] = pair
    say(kept, pair)
    // constants first: what refers to them has to find them, not a copy
    if (into !== undefined) pair.became = make(pair.json, pair.place, into)
    else waiting[waiting.length] = pair
  }
  for (let i = 0; i < waiting.length; i++) {
    const pair = waiting[i]
    currentSource = pair.path
    pair.became = make(pair.json, pair.place)
  }
  makeAll()
  if (lost !== undefined) need(lost.place, 'is ' + lost.why)
  try { fillAll() } catch (error) {
    if (error === refusal || letterOf(error) !== 'T') throw error
    need(null, 'does not fit into the new contract')
  }
  endReviving()
  for (let i = 0; i < set.length; i++) set[i].set(set[i].became)
  for (let i = 0; i < fixed.length; i++) if (fixed[i].became !== fixed[i].value) need(fixed[i].place, 'is another object in the new contract')
  if (kept.length === 0 && dropped.length > 0) need(null, 'holds nothing that the new contract has')
  return '+{"migrated":false,"dropped":[' + join(dropped, ',') + '],"kept":[' + join(kept, ',') + ']}'
}
`
