import type ts from 'typescript'
import { declarationOf, eachNode, isTopLevel, rootOf, warningAt } from './typed-source.ts'
import { typescript } from './typescript.ts'
import { isAssignment } from './unseen-state.ts'

/** Methods that put their arguments into a container. */
const KEEPERS = new Set(['push', 'unshift', 'set', 'add', 'fill', 'splice', 'with'])

/**
 * Functions that remember variables of a function, and are kept in a variable of a module: what they remember is part of the state
 * and cannot be shown. As `file:line: ...`; only where it can be seen in one expression.
 */
export function keptClosures(checker: ts.TypeChecker, sources: readonly ts.SourceFile[]): string[] {
  const warnings: string[] = []
  for (const source of sources)
    eachNode(source, (node) => {
      for (const { name, value } of keptIn(checker, node)) {
        const what = closureIn(checker, value)
        if (what !== undefined)
          warnings.push(
            warningAt(
              node,
              `${name} keeps ${what}; what it remembers cannot be shown: keep that in a variable of the module`,
            ),
          )
      }
    })
  return warnings
}

interface Kept {
  /** the variable */
  name: string
  value: ts.Expression
}

/** What a node puts into a module-level variable, or into something that hangs on one. */
function keptIn(checker: ts.TypeChecker, node: ts.Node): Kept[] {
  if (typescript.isVariableDeclaration(node) && node.initializer && isTopLevel(node)) {
    // of what is written as a function all is seen
    return functionOf(node.initializer) ? [] : [{ name: node.name.getText(), value: node.initializer }]
  }
  if (typescript.isBinaryExpression(node) && isAssignment(node.operatorToken.kind))
    return isVariable(checker, node.left) ? [{ name: rootOf(node.left).getText(), value: node.right }] : []
  if (!typescript.isCallExpression(node) || !typescript.isPropertyAccessExpression(node.expression)) return []
  const { expression: container, name } = node.expression
  if (!KEEPERS.has(name.text) || !isVariable(checker, container)) return []
  return node.arguments.map((value) => ({ name: rootOf(container).getText(), value }))
}

function isVariable(checker: ts.TypeChecker, expression: ts.Expression): boolean {
  const declaration = declarationOf(checker, rootOf(expression))
  if (declaration === undefined || !isTopLevel(declaration)) return false
  return typescript.isVariableDeclaration(declaration) || typescript.isBindingElement(declaration)
}

/** What a call of the contract's own makes, if that has functions in it: they may remember what the call knew. */
function madeBy(checker: ts.TypeChecker, call: ts.CallExpression): string | undefined {
  const type = checker.getTypeAtLocation(call)
  if (isCallable(checker, type)) return 'a function that was made by a call'
  const isLiteral = ((type.symbol?.flags ?? 0) & typescript.SymbolFlags.ObjectLiteral) !== 0
  const hasFunctions = () =>
    checker.getPropertiesOfType(type).some((one) => isCallable(checker, checker.getTypeOfSymbolAtLocation(one, call)))
  return isLiteral && hasFunctions() ? 'functions that were made by a call' : undefined
}

function isCallable(checker: ts.TypeChecker, type: ts.Type): boolean {
  return checker.getSignaturesOfType(type, typescript.SignatureKind.Call).length > 0
}

/** The closure that a value is or holds, in words. */
function closureIn(checker: ts.TypeChecker, value: ts.Node): string | undefined {
  if (typescript.isCallExpression(value)) return madeBy(checker, value)
  const declared = typescript.isIdentifier(value) ? declarationOf(checker, value) : undefined
  const local = declared && !isTopLevel(declared) ? functionOf(declared) : undefined
  const made = local ?? functionOf(value)
  if (made !== undefined) {
    const name = rememberedBy(checker, made)
    return name && `a function that remembers ${name}`
  }
  if (!typescript.isObjectLiteralExpression(value) && !typescript.isArrayLiteralExpression(value)) return undefined
  const parts = typescript.isArrayLiteralExpression(value)
    ? value.elements
    : value.properties.map((property) => (typescript.isPropertyAssignment(property) ? property.initializer : property))
  for (const part of parts) {
    const found = closureIn(checker, part)
    if (found !== undefined) return found
  }
  return undefined
}

function functionOf(node: ts.Node): ts.Node | undefined {
  if (typescript.isVariableDeclaration(node)) return node.initializer && functionOf(node.initializer)
  return typescript.isFunctionLike(node) && !typescript.isConstructorTypeNode(node) ? node : undefined
}

/** The first variable that a function uses and that belongs to a function around it. */
function rememberedBy(checker: ts.TypeChecker, made: ts.Node): string | undefined {
  let name: string | undefined
  eachNode(made, (node) => {
    if (name !== undefined || !typescript.isIdentifier(node)) return
    const declaration = declarationOf(checker, node)
    if (declaration === undefined || !isData(declaration) || isInside(declaration, made)) return
    const owner = typescript.findAncestor(declaration.parent, typescript.isFunctionLike)
    if (owner !== undefined && isInside(made, owner)) name = node.text
  })
  return name
}

function isData(declaration: ts.Declaration): boolean {
  return (
    typescript.isVariableDeclaration(declaration) ||
    typescript.isParameter(declaration) ||
    typescript.isBindingElement(declaration)
  )
}

function isInside(node: ts.Node, outer: ts.Node): boolean {
  return node.getSourceFile() === outer.getSourceFile() && node.pos >= outer.pos && node.end <= outer.end
}
