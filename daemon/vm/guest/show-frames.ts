/**
 * How the guest's runtime writes state JSON: text in pieces, and a step for each kind of container. It walks with frames of its own, because
 * what it shows may be nested deeper than the stack allows.
 */
export const showFrames: string = `
const STATE_DEPTH = 512, NAME_MAX = 200, PIECE = 512
/** Thrown, always the same: the text is longer than the call allows, the path leads nowhere. */
const tooLarge = { __proto__: null }, missing = { __proto__: null }
/** Stands for the value of an accessor property. */
const accessor = { __proto__: null }

let seen, parts, piece = '', room = 0, top = null

const flush = () => {
  room -= piece.length
  if (room < 0) throw tooLarge
  parts[parts.length] = piece
  piece = ''
}
const write = text => {
  if (text.length > room) throw tooLarge
  piece += text
  if (piece.length > PIECE) flush()
}
const push = frame => { frame.under = top; top = frame }
const pop = () => { top = top.under }

const tag = (name, json) => '{"/":{"' + name + '":' + json + '}}'
const opaque = what => tag('opaque', stringify(what))
const UNDEFINED = tag('undefined', 'true')

const escapeToken = token => {
  const text = '' + token
  if (indexOf(text, '~') < 0 && indexOf(text, '/') < 0) return text
  let out = ''
  for (let i = 0; i < text.length; i++) out += text[i] === '~' ? '~0' : text[i] === '/' ? '~1' : text[i]
  return out
}
/** RFC 6901, from the top of the text that is being written. */
const pointerOf = place => {
  let out = ''
  for (let at = place; at !== null; at = at.up) out = at.lead + (at.token === undefined ? '' : '/' + escapeToken(at.token)) + out
  return out
}

const stepText = frame => { pop(); write(frame.text) }
const stepRecord = frame => {
  const { names, hidden, pairs, i } = frame
  const last = names.length + (hidden === undefined ? 0 : hidden.length)
  frame.i++
  let text = i === 0 ? (pairs ? '{"/":{"object":[' : '{') : pairs ? ']' : ''
  if (i === last) {
    pop()
    return write(text + (pairs ? ']}}' : '}'))
  }
  if (i > 0) text += ','
  const name = i < names.length ? names[i] : hidden[i - names.length]
  write(text + (pairs ? '[' + stringify(name) + ',' : stringify(name) + ':'))
  if (i >= names.length) return write(opaque('private'))
  const value = readOwn(frame.value, name)
  if (pairs) showValue(value, frame.depth, frame.place, '/~1/object/' + i + '/1')
  else showValue(value, frame.depth, frame.place, '', name)
}
const stepArray = frame => {
  const { i } = frame
  frame.i++
  if (i === frame.length) {
    pop()
    return write(i === 0 ? '[]' : ']')
  }
  write(i === 0 ? '[' : ',')
  showValue(readOwn(frame.value, i), frame.depth, frame.place, '', i)
}
const stepMap = frame => {
  const { items, i } = frame
  frame.i++
  if (i === items.length) {
    pop()
    return write(i === 0 ? '{"/":{"map":[]}}' : ']]}}')
  }
  write(i % 2 === 1 ? ',' : i === 0 ? '{"/":{"map":[[' : '],[')
  showValue(items[i], frame.depth, frame.place, '/~1/map/' + ((i - i % 2) / 2) + '/' + i % 2)
}
const stepSet = frame => {
  const { items, i } = frame
  frame.i++
  if (i === items.length) {
    pop()
    return write(i === 0 ? '{"/":{"set":[]}}' : ']}}')
  }
  write(i === 0 ? '{"/":{"set":[' : ',')
  showValue(items[i], frame.depth, frame.place, '/~1/set/' + i)
}

const frameOf = (step, value, depth, place) => ({ __proto__: null, under: null, step, value, depth, place, i: 0 })
const pushText = text => push({ __proto__: null, under: null, step: stepText, text })
const pushRecord = (value, names, depth, place, hidden) => {
  const frame = frameOf(stepRecord, value, depth, place)
  frame.names = names
  frame.hidden = hidden
  frame.pairs = false
  for (let i = 0; i < names.length; i++) if (names[i] === '/') frame.pairs = true
  push(frame)
}
const writeBytes = bytes => {
  if (typedLength(bytes) > room) throw tooLarge
  write(encodeBytes(bytes))
}
const bytesOf = value => new NewUint8Array(typedBuffer(value), typedOffset(value), typedLength(value))
`
