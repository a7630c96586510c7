/**
 * The first part of the guest's runtime: the intrinsics that it uses, captured before a contract can replace any.
 *
 * The rest of the runtime keeps to these, to syntax, and to own properties: no method calls, no `for of`, no spread or
 * destructuring of arrays, no assignment to a property that may be inherited.
 */
export const primordials: string = `
const { apply, getPrototypeOf, deleteProperty } = Reflect
const { keys, hasOwn, defineProperty, getOwnPropertyDescriptor, setPrototypeOf, isFrozen } = Object
const { parse, stringify } = JSON
const { isArray } = Array
const { isView } = ArrayBuffer
const { fromBase64 } = Uint8Array
const NewMap = Map, NewSet = Set, NewDate = Date, NewUint8Array = Uint8Array, ToBigInt = BigInt, toInteger = parseInt
const NewReferenceError = ReferenceError, NewTypeError = TypeError, NewRangeError = RangeError, NewRegExp = RegExp
const NewError = Error, NewDataView = DataView, NewPromise = Promise
const { asIntN } = BigInt
const { asyncIterator } = Symbol

/** uncurry(method)(self, ...args) calls a captured method whatever became of Function.prototype since. */
const uncurry = Function.prototype.bind.bind(Function.prototype.call)
const getter = (prototype, name) => uncurry(getOwnPropertyDescriptor(prototype, name).get)
const isPrototypeOf = uncurry(Object.prototype.isPrototypeOf)
const slice = uncurry(String.prototype.slice)
const indexOf = uncurry(String.prototype.indexOf)
const toWellFormed = uncurry(String.prototype.toWellFormed)
const toBase64 = uncurry(Uint8Array.prototype.toBase64)
const typedArrayName = getter(getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)
const TypedArrayPrototype = getPrototypeOf(Uint8Array.prototype)
const typedBuffer = getter(TypedArrayPrototype, 'buffer')
const typedOffset = getter(TypedArrayPrototype, 'byteOffset')
const typedLength = getter(TypedArrayPrototype, 'byteLength')
const typedSet = uncurry(TypedArrayPrototype.set)
const viewBuffer = getter(DataView.prototype, 'buffer')
const viewOffset = getter(DataView.prototype, 'byteOffset')
const viewLength = getter(DataView.prototype, 'byteLength')
const join = uncurry(Array.prototype.join)
const bufferLength = getter(ArrayBuffer.prototype, 'byteLength')
const mapSize = getter(Map.prototype, 'size')
const mapGet = uncurry(Map.prototype.get)
const mapHas = uncurry(Map.prototype.has)
const mapSet = uncurry(Map.prototype.set)
const mapClear = uncurry(Map.prototype.clear)
const mapForEach = uncurry(Map.prototype.forEach)
const setSize = getter(Set.prototype, 'size')
const setAdd = uncurry(Set.prototype.add)
const setForEach = uncurry(Set.prototype.forEach)
const setClear = uncurry(Set.prototype.clear)
const setTime = uncurry(Date.prototype.setTime)
const regExpSource = getter(RegExp.prototype, 'source')
const REGEXP_FLAGS = [
  { __proto__: null, flag: 'd', isSet: getter(RegExp.prototype, 'hasIndices') },
  { __proto__: null, flag: 'g', isSet: getter(RegExp.prototype, 'global') },
  { __proto__: null, flag: 'i', isSet: getter(RegExp.prototype, 'ignoreCase') },
  { __proto__: null, flag: 'm', isSet: getter(RegExp.prototype, 'multiline') },
  { __proto__: null, flag: 's', isSet: getter(RegExp.prototype, 'dotAll') },
  { __proto__: null, flag: 'u', isSet: getter(RegExp.prototype, 'unicode') },
  { __proto__: null, flag: 'v', isSet: getter(RegExp.prototype, 'unicodeSets') },
  { __proto__: null, flag: 'y', isSet: getter(RegExp.prototype, 'sticky') },
]
const getTime = uncurry(Date.prototype.getTime)
const toISOString = uncurry(Date.prototype.toISOString)
const parseDate = Date.parse
const stackOf = getter(Error.prototype, 'stack')
const ArrayPrototype = Array.prototype, RegExpPrototype = RegExp.prototype, Uint8ArrayPrototype = Uint8Array.prototype
const ObjectPrototype = Object.prototype, MapPrototype = Map.prototype, SetPrototype = Set.prototype
const DatePrototype = Date.prototype, BufferPrototype = ArrayBuffer.prototype, PromisePrototype = Promise.prototype
const ErrorPrototype = Error.prototype, RangeErrorPrototype = RangeError.prototype
const InternalErrorPrototype = InternalError.prototype, SyntaxErrorPrototype = SyntaxError.prototype

/** Built-in constructors and prototypes of errors and typed arrays, by name. */
const errorPrototypes = {
  __proto__: null, Error: Error.prototype, TypeError: TypeError.prototype, RangeError: RangeError.prototype, SyntaxError: SyntaxError.prototype,
  ReferenceError: ReferenceError.prototype, EvalError: EvalError.prototype, URIError: URIError.prototype,
  AggregateError: AggregateError.prototype, InternalError: InternalError.prototype,
}
const typedArrays = {
  __proto__: null, Int8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, BigInt64Array, BigUint64Array,
  Float32Array, Float64Array,
}
if (typeof Float16Array === 'function') typedArrays.Float16Array = Float16Array

/** An array to which indexes can be assigned whatever became of Array.prototype since. */
const newList = () => setPrototypeOf([], null)
/** What the host does, by name; connect() fills it in. */
const host = { __proto__: null }
export const connect = (name, hostFunction) => { host[name] = hostFunction }
`
