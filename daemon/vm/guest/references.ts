/**
 * The part of the guest's runtime that knows where the references of a state JSON lead (specs/state.md): found before any node of the text
 * gives way to what it becomes, because a pointer walks the text.
 */
export const references: string = `
/** Of the nodes that others refer to, what they became; which those are, and where each reference leads, if there are any. */
let made, targets, refs, root

const note = (json, value) => {
  if (targets !== undefined && mapHas(targets, json)) mapSet(made, json, value)
  return value
}
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
/** Where all references lead, before nodes give way to what they become. */
const findTargets = () => {
  let at = { __proto__: null, under: null, json: root, names: isArray(root) ? undefined : keys(root), i: 0 }
  while (at !== null) {
    const { json, names, i } = at
    if (i === (names ?? json).length) { at = at.under; continue }
    at.i++
    const inner = json[names === undefined ? i : names[i]]
    if (typeof inner !== 'object' || inner === null) continue
    const isRef = !isArray(inner) && tagOf(inner) === 'ref'
    if (!isRef) { at = { __proto__: null, under: at, json: inner, names: isArray(inner) ? undefined : keys(inner), i: 0 }; continue }
    const target = refTarget(inner)
    mapSet(refs, inner, target)
    mapSet(targets, target, true)
  }
}
/** @param text says at once whether anything refers to anything */
const beginReferring = (json, text) => {
  root = json
  made = new NewMap()
  targets = refs = undefined
  if (typeof json !== 'object' || json === null || indexOf(text, '"ref"') < 0) return
  targets = new NewMap()
  refs = new NewMap()
  findTargets()
}
const endReferring = () => { made = targets = refs = root = undefined }
`
