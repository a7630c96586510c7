/** A module as the compiler leaves it: with a line that registers these variables, of which all can be assigned but the constants. */
export function registered(source: string, names: string, classes = '', more = '', constants = ''): string {
  const fixed = constants.split(/[ ,]+/)
  const setters = names
    .split(/[ ,]+/)
    .filter((name) => name && !fixed.includes(name))
    .map((name) => `${name}: __v => { ${name} = __v }`)
  return `${source}\nimport { register as __r } from 'amigos:state'; __r('', () => ({ ${names} }), { ${setters} }, { ${classes} }${more})`
}
