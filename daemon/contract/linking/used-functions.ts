/** Which functions of an import the code uses. */
import type { Module, Statement } from '../syntax.ts'
import { isNode, syntaxNodes } from '../walk-syntax.ts'

/** Names that a module takes from others, by specifier; `*` stands for all of them. Types are among them where the code does not say so. */
export function usedNames(module: Module): { specifier: string; name: string }[] {
  const found = module.body.flatMap(namesIn)
  for (const { type, source } of syntaxNodes(module)) {
    const specifier = type === 'ImportExpression' && isNode(source) ? source['value'] : undefined
    if (typeof specifier === 'string') found.push({ specifier, name: '*' })
  }
  return found
}

function namesIn(statement: Statement): { specifier: string; name: string }[] {
  if (statement.type === 'ExportAllDeclaration')
    return statement.exportKind === 'type' ? [] : [{ specifier: statement.source.value, name: '*' }]
  if (statement.type === 'ImportDeclaration' && statement.importKind !== 'type') {
    return statement.specifiers.flatMap((one) => {
      const specifier = statement.source.value
      if (one.type !== 'ImportSpecifier')
        return one.type === 'ImportNamespaceSpecifier' ? [{ specifier, name: '*' }] : []
      return one.importKind === 'type' ? [] : [{ specifier, name: textOf(one.imported) }]
    })
  }
  if (statement.type !== 'ExportNamedDeclaration' || statement.source == null || statement.exportKind === 'type')
    return []
  const specifier = statement.source.value
  return statement.specifiers.flatMap((one) => {
    if (one.type !== 'ExportSpecifier') return [{ specifier, name: '*' }]
    return one.exportKind === 'type' ? [] : [{ specifier, name: textOf(one.local) }]
  })
}

const textOf = (node: { type: string; name?: string; value?: string }): string => node.name ?? node.value ?? ''
