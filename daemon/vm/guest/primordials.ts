/**
 * The first part of the guest's runtime: the intrinsics that it uses, captured before a contract can replace any.
 *
 * The rest of the runtime keeps to these, to syntax, and to own properties: no method calls, no `for of`, no spread or
 * destructuring of arrays, no assignment to a property that may be inherited.
 */
export const primordials: string = `
const { apply, getPrototypeOf } = Reflect
const { keys, hasOwn, defineProperty, getOwnPropertyDescriptor } = Object
const { parse, stringify } = JSON
const { isArray } = Array
const { isView } = ArrayBuffer
const { fromBase64 } = Uint8Array
const NewMap = Map, NewSet = Set, NewDate = Date, NewUint8Array = Uint8Array, ToBigInt = BigInt, toInteger = parseInt
const NewReferenceError = ReferenceError

/** uncurry(method)(self, ...args) calls a captured method whatever became of Function.prototype since. */
const uncurry = Function.prototype.bind.bind(Function.prototype.call)
const getter = (prototype, name) => uncurry(getOwnPropertyDescriptor(prototype, name).get)
const isPrototypeOf = uncurry(Object.prototype.isPrototypeOf)
const slice = uncurry(String.prototype.slice)
const indexOf = uncurry(String.prototype.indexOf)
const toWellFormed = uncurry(String.prototype.toWellFormed)
const toBase64 = uncurry(Uint8Array.prototype.toBase64)
const typedArrayName = getter(getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)
const bufferLength = getter(ArrayBuffer.prototype, 'byteLength')
const mapSize = getter(Map.prototype, 'size')
const mapSet = uncurry(Map.prototype.set)
const mapForEach = uncurry(Map.prototype.forEach)
const setSize = getter(Set.prototype, 'size')
const setAdd = uncurry(Set.prototype.add)
const setForEach = uncurry(Set.prototype.forEach)
const getTime = uncurry(Date.prototype.getTime)
const toISOString = uncurry(Date.prototype.toISOString)
const parseDate = Date.parse
const stackOf = getter(Error.prototype, 'stack')
const ObjectPrototype = Object.prototype, MapPrototype = Map.prototype, SetPrototype = Set.prototype
const DatePrototype = Date.prototype, BufferPrototype = ArrayBuffer.prototype, PromisePrototype = Promise.prototype
const ErrorPrototype = Error.prototype, RangeErrorPrototype = RangeError.prototype
const InternalErrorPrototype = InternalError.prototype, SyntaxErrorPrototype = SyntaxError.prototype
`
