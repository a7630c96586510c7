import type ts from 'typescript'
import { eachNode, isForeign, warningAt } from './typed-source.ts'
import { typescript } from './typescript.ts'

/** Methods that work, but do not ask where somebody lives, as their names promise. */
const LOCALE_METHODS: Readonly<Record<string, string>> = {
  localeCompare: 'compares the numbers of characters: no alphabet is known',
  toLocaleString: 'knows no locale and writes as the engine does',
  toLocaleDateString: 'knows no locale and writes MM/DD/YYYY in UTC',
  toLocaleTimeString: 'knows no locale and writes UTC',
  toLocaleUpperCase: 'knows no locale: it is toUpperCase',
  toLocaleLowerCase: 'knows no locale: it is toLowerCase',
}

/** Uses of them, as `file:line: ...`; of values whose type is not known, too. */
export function localeUse(checker: ts.TypeChecker, sources: readonly ts.SourceFile[]): string[] {
  const warnings: string[] = []
  for (const source of sources)
    eachNode(source, (node) => {
      if (!typescript.isPropertyAccessExpression(node)) return
      const name = node.name.text
      const why = Object.hasOwn(LOCALE_METHODS, name) ? LOCALE_METHODS[name] : undefined
      const symbol = checker.getSymbolAtLocation(node.name)
      if (why !== undefined && (symbol === undefined || isForeign(symbol)))
        warnings.push(warningAt(node.name, `${name} ${why}; say what you mean, or let the page show it`))
    })
  return warnings
}
