/** The part of the guest's runtime that follows a path into the state. */
export const enter: string = `
/** One key further into a value: what stands there, or missing. */
const enter = (value, key) => {
  if (typeof value !== 'object' || value === null) return missing
  const kind = host.kind(value)
  if (shapes[kind] === undefined) return missing
  const text = typeof key === 'number' || typeof key === 'string' ? '' + key : undefined
  if (kind === 'Map') {
    if (mapHas(value, key)) return mapGet(value, key)
    if (text !== undefined && isIndex(text) && mapHas(value, toInteger(text, 10))) return mapGet(value, toInteger(text, 10))
  }
  if (kind === 'Set') {
    let i = 0, found = missing
    setForEach(value, item => { if ('' + i++ === text) found = item })
    return found
  }
  if (text === undefined) return missing
  const own = getOwnPropertyDescriptor(value, text)
  if (own === undefined || !own.enumerable && kind !== 'Error') return missing
  return hasOwn(own, 'value') ? own.value : accessor
}
`
