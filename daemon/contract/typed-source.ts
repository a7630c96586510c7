/** What the checks of a program that was type-checked share. */
import type ts from 'typescript'
import { ROOT } from './type-host.ts'
import { typescript } from './typescript.ts'

export interface Place {
  /** path inside the contract */
  file: string
  line: number
  column: number
}

/** The name of types that are written out, or made of others such as Record, which belong to nobody. */
export const UNNAMED = '__type'

/** A call for each node, the outer before the inner. With a stack of its own: trees may be deeper than the thread's. */
export function eachNode(start: ts.Node, visit: (node: ts.Node) => void): void {
  const waiting = [start]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    visit(node)
    const children: ts.Node[] = []
    typescript.forEachChild(node, (child) => void children.push(child))
    waiting.push(...children.reverse())
  }
}

/** Where a node begins; line and column from 1. */
export function placeOf(node: ts.Node): Place {
  const source = node.getSourceFile()
  const { line, character } = source.getLineAndCharacterOfPosition(node.getStart(source))
  return { file: source.fileName.slice(ROOT.length), line: line + 1, column: character + 1 }
}

/** A warning about a place, in one line. */
export function warningAt(node: ts.Node, text: string): string {
  const { file, line } = placeOf(node)
  return `${file}:${line}: ${text}`
}

/** Whether something is declared by the library or the engine, not by the contract. */
export function isForeign(symbol: ts.Symbol | undefined): boolean {
  const declared = symbol?.declarations ?? []
  return declared.length > 0 && declared.every((one) => !one.getSourceFile().fileName.startsWith(ROOT))
}

/** What an expression such as `a.b[0].c` begins with. */
export function rootOf(expression: ts.Expression): ts.Expression {
  let at = expression
  while (
    typescript.isPropertyAccessExpression(at) ||
    typescript.isElementAccessExpression(at) ||
    typescript.isNonNullExpression(at) ||
    typescript.isParenthesizedExpression(at) ||
    typescript.isAsExpression(at)
  )
    at = at.expression
  return at
}

/** The declaration of what an expression begins with, through imports, if that is a name. */
export function declarationOf(checker: ts.TypeChecker, expression: ts.Expression): ts.Declaration | undefined {
  if (!typescript.isIdentifier(expression)) return undefined
  const symbol = checker.getSymbolAtLocation(expression)
  if (symbol === undefined) return undefined
  const isAlias = (symbol.flags & typescript.SymbolFlags.Alias) !== 0
  const { valueDeclaration } = isAlias ? checker.getAliasedSymbol(symbol) : symbol
  return valueDeclaration && !isForeign(symbol) ? valueDeclaration : undefined
}

/** Whether a declaration stands at the top level of its module: what it declares lives as long as the service. */
export function isTopLevel(declaration: ts.Declaration): boolean {
  let at: ts.Node = declaration
  while (
    typescript.isVariableDeclaration(at) ||
    typescript.isVariableDeclarationList(at) ||
    typescript.isVariableStatement(at) ||
    typescript.isBindingElement(at) ||
    typescript.isObjectBindingPattern(at) ||
    typescript.isArrayBindingPattern(at) ||
    typescript.isFunctionDeclaration(at) ||
    typescript.isClassDeclaration(at)
  )
    at = at.parent
  return typescript.isSourceFile(at)
}
