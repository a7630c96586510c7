/** What a contract finds beyond the library of the language, as TypeScript declares it: the engine's modules and its globals. */
import { readFileSync } from 'node:fs'

const CONSOLE = ['log', 'info', 'warn', 'error', 'debug']

export const ENGINE_GLOBALS: string = `
interface Console { ${CONSOLE.map((name) => `${name}(...values: unknown[]): void`).join('; ')} }
declare var console: Console
declare function queueMicrotask(task: () => void): void
interface Math { sumPrecise(numbers: Iterable<number>): number }
interface IteratorConstructor { concat<T>(...all: Iterable<T>[]): IteratorObject<T, undefined, unknown> }
`

export const engineModules = (): string => readFileSync(new URL('amigos.d.ts', import.meta.url), 'utf8')
