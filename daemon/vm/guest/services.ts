/** The part of the guest's runtime behind 'amigos:events', 'amigos:crypto' and 'amigos:content', and what is new of 'amigos:context'. */
export const services: string = `
const RANDOM_BYTES_MAX = 65536, EVENT_NAME_MAX = 64
/** The host answers with undefined, or with why it will not, after a letter for the kind of error. */
const checkedByHost = why => {
  if (typeof why !== 'string') return why
  if (why[0] === 'R') throw new NewRangeError(slice(why, 1))
  throw new NewTypeError(slice(why, 1))
}
const bytesGiven = (value, what) => {
  if (typeof value !== 'object' || value === null || host.kind(value) !== 'Uint8Array') throw new NewTypeError(what + ' is no Uint8Array')
  return value
}

export const time = () => new NewDate()
/** Asked of the host, so that it is in the memory only of calls that want it. */
export const callId = () => host.callId()
export const gasLeft = () => ToBigInt(host.gasLeft())
export const random_ = () => random()
export const randomBytes = length => {
  if (typeof length !== 'number' || length % 1 !== 0 || length < 0 || length > RANDOM_BYTES_MAX)
    throw new NewRangeError('random bytes come 0 to ' + RANDOM_BYTES_MAX + ' at once')
  const bytes = new NewUint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = random() * 256
  return bytes
}

export const emit = (name, value) => {
  if (typeof name !== 'string' || name.length === 0 || name.length > EVENT_NAME_MAX)
    throw new NewTypeError('the name of an event is a string of 1 to ' + EVENT_NAME_MAX + ' characters')
  let text
  try { text = encodeValue(value, 0) } catch (error) {
    if (error !== refusal) throw error
    throw new NewTypeError('the event cannot be sent: ' + refusal.why)
  }
  checkedByHost(host.emit(toWellFormed(name), text))
}

export const sha256 = data => {
  if (typeof data === 'string') return host.sha256(toWellFormed(data))
  return host.sha256(bytesGiven(data, 'what is to be hashed'))
}
export const verify = (publicKey, message, signature) =>
  host.verify(bytesGiven(publicKey, 'the key'), bytesGiven(message, 'the message'), bytesGiven(signature, 'the signature')) === '1'

export const get = cid => {
  if (typeof cid !== 'string') throw new NewTypeError('a CID is a string')
  return checkedByHost(host.get(toWellFormed(cid)))
}
export const put = bytes => {
  const answer = host.put(bytesGiven(bytes, 'content'))
  return answer[0] === 'b' ? answer : checkedByHost(answer)
}
`
