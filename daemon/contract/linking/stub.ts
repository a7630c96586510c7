/** The module that stands for a service which is called where it runs. */
import { IMPORTS_FOLDER } from '../constants.ts'
import { keyOf } from '../type-text.ts'
import type { Interface } from '../types.ts'

/** Among the modules, never among the sources: it is made of the pinned interface. */
export function stubPath(name: string): string {
  return `${IMPORTS_FOLDER}/${name}.js`
}

/** One function for each of the interface; what is not used leaves no trace in the bundle. */
export function stubOf(name: string, functions: Interface): string {
  const lines = functions.map(({ name: method }, index) => {
    const call = `/* @__PURE__ */ importFunction(${JSON.stringify(name)}, ${JSON.stringify(method)})`
    return `const f${index} = ${call}\nexport { f${index} as ${keyOf(method)} }\n`
  })
  return `import { importFunction } from 'amigos:imports'\n${lines.join('')}`
}
