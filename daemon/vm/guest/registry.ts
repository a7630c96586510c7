/** The part of the guest's runtime behind 'amigos:state': which variables and classes each source module has. */
export const registry: string = `
/** Until the contract is loaded; a module that runs later has nothing to say. */
let registering = true
const sources = newList()
/** prototype to name, prototype to the names of its private fields */
const classNames = new NewMap(), privateNames = new NewMap()

const prototypeOf = type => {
  const prototype = typeof type === 'function' && host.kind(type) !== 'Proxy' ? readOwn(type, 'prototype') : undefined
  return typeof prototype === 'object' && prototype !== null && prototype !== missing && prototype !== accessor ? prototype : undefined
}

/**
 * @param path of the source; '' for the entry
 * @param read gives the variables @param setters of those that can be assigned
 * @param classes of the module @param hidden names of private fields of those classes that have private members
 */
export const register = (path, read, setters, classes, hidden) => {
  if (!registering || typeof path !== 'string' || typeof read !== 'function') throw new NewTypeError('nothing can be registered now')
  sources[sources.length] = { __proto__: null, path, read, setters, classes, hidden }
  const names = keys(classes)
  for (let i = 0; i < names.length; i++) {
    const prototype = prototypeOf(readOwn(classes, names[i]))
    if (prototype === undefined) continue
    mapSet(classNames, prototype, names[i])
    const fields = hidden === undefined ? missing : readOwn(hidden, names[i])
    if (fields !== missing) mapSet(privateNames, prototype, fields)
  }
}

/** All variables as one object: those of the entry by name, those of others under their path. */
const snapshot = () => {
  const all = { __proto__: null }
  for (let i = 0; i < sources.length; i++) {
    const { path, read } = sources[i]
    const variables = read()
    const names = keys(variables)
    if (path !== '') {
      if (names.length > 0) all[path] = variables
      continue
    }
    for (let j = 0; j < names.length; j++) all[names[j]] = readOwn(variables, names[j])
  }
  return all
}
`
