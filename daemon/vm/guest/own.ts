/** The part of the guest's runtime that reads properties without running what the contract put there, and names classes. */
export const own: string = `
const readOwn = (object, key) => {
  const found = getOwnPropertyDescriptor(object, key)
  if (found === undefined) return missing
  return hasOwn(found, 'value') ? found.value : accessor
}
const ownText = (object, key) => {
  const found = readOwn(object, key)
  return typeof found === 'string' ? slice(found, 0, NAME_MAX) : ''
}

/** The name of the class that made an object: as it is registered, else as its constructor calls itself. */
const classNameOf = prototype => {
  for (let at = prototype; at !== null && host.kind(at) !== 'Proxy'; at = getPrototypeOf(at)) {
    const known = mapGet(classNames, at)
    if (known !== undefined) return known
    const constructor = readOwn(at, 'constructor')
    if (typeof constructor === 'function' && host.kind(constructor) !== 'Proxy') return ownText(constructor, 'name')
  }
  return ''
}
/** Names of the private fields of an object, which nothing outside its classes can read. */
const privateNamesOf = prototype => {
  let found
  for (let at = prototype; at !== null && host.kind(at) !== 'Proxy'; at = getPrototypeOf(at)) {
    const names = mapGet(privateNames, at)
    if (names === undefined) continue
    found ??= newList()
    for (let i = 0; i < names.length; i++) found[found.length] = names[i]
  }
  return found
}
`
