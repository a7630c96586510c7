/** The part of the guest's runtime that hands a contract three states, and shows what it makes of them; see Vm.genesis. */
export const merge: string = `
/** Of what isSame() found: whether there is a function in it. */
const holdsFunction = json => {
  if (typeof json !== 'object' || json === null) return false
  if (!isArray(json) && tagOf(json) === 'function') return true
  const names = keys(json)
  for (let i = 0; i < names.length; i++) if (holdsFunction(json[names[i]])) return true
  return false
}
/** Tables of functions that are what the code makes them: they stay, and are nothing to merge. */
const withoutCode = (json, text) => {
  if (!isRecord(json) || tagOf(json) !== undefined || indexOf(text, '"ref"') >= 0) return
  const pairs = pairUp(json)
  for (let i = 0; i < pairs.length; i++) {
    const { json: old, value, known, set, path, place } = pairs[i]
    const isCode = known && set === undefined && typeof value === 'object' && value !== null && isSame(old, value, 0) && holdsFunction(old)
    if (isCode) deleteProperty(path === '' ? json : json[path], place.token)
  }
}
/** What merge(base, mine, theirs) makes of three states, as a state. Without migrate(old), it is carried over by name. */
const merge = text => {
  try {
    const states = parse(text)
    expect(isArray(states) && states.length === 3, 'list of three states')
    const method = find('merge')
    if (method === undefined) return 'F'
    const byName = find('migrate') === undefined
    const prototypes = (name, place) => {
      const prototype = prototypeOf(classFor(name, currentSource)) ?? errorPrototypes[name]
      if (prototype === undefined || privateNamesOf(prototype) === undefined) return prototype
      return byName ? need(place, 'is of a class with private members') : undefined
    }
    const args = newArguments()
    for (let i = 0; i < 3; i++) {
      if (byName) withoutCode(states[i], text)
      define(args, i, revived(states[i], text, prototypes, byName), true)
    }
    path = newArguments()
    answers = showState
    return use(method, args)
  } catch (error) { return unread(error) }
}
`
