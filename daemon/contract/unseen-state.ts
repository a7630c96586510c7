import type ts from 'typescript'
import { declarationOf, eachNode, isTopLevel, rootOf, warningAt } from './typed-source.ts'
import { typescript } from './typescript.ts'

/** What lives as long as the service but is no variable of a module, so that the logical state does not hold it: as `file:line: ...`. */
export function unseenState(checker: ts.TypeChecker, sources: readonly ts.SourceFile[]): string[] {
  const warnings = new Set<string>()
  for (const source of sources)
    eachNode(source, (node) => {
      const target = targetOf(node)
      const found = (target && unseenTarget(checker, target)) ?? unseenDeclaration(node)
      if (found !== undefined)
        warnings.add(warningAt(node, `${found}, where nobody can read it: use a variable of the module`))
    })
  return [...warnings]
}

/** What a node assigns to. */
function targetOf(node: ts.Node): ts.Expression | undefined {
  if (typescript.isBinaryExpression(node)) return isAssignment(node.operatorToken.kind) ? node.left : undefined
  if (!typescript.isPrefixUnaryExpression(node) && !typescript.isPostfixUnaryExpression(node)) return undefined
  const { PlusPlusToken, MinusMinusToken } = typescript.SyntaxKind
  return node.operator === PlusPlusToken || node.operator === MinusMinusToken ? node.operand : undefined
}

/** Whether a token assigns: `=`, `+=`, `??=` and so on. */
export function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= typescript.SyntaxKind.FirstAssignment && kind <= typescript.SyntaxKind.LastAssignment
}

function unseenTarget(checker: ts.TypeChecker, target: ts.Expression): string | undefined {
  if (isProvided(target)) return undefined
  const root = rootOf(target)
  if (root === target || !typescript.isIdentifier(root)) return undefined
  const declaration = declarationOf(checker, root)
  if (root.text === 'globalThis' && declaration === undefined) return 'globalThis is written to'
  if (declaration === undefined || !isTopLevel(declaration)) return undefined
  if (typescript.isClassDeclaration(declaration)) return `the class ${root.text} is written to`
  if (typescript.isFunctionDeclaration(declaration)) return `the function ${root.text} is written to`
  return undefined
}

/** A module that brings functions which other environments have: they are code, and come again with new code. */
function isProvided({ parent }: ts.Expression): boolean {
  if (!typescript.isBinaryExpression(parent) || parent.operatorToken.kind !== typescript.SyntaxKind.EqualsToken)
    return false
  return typescript.isSourceFile(parent.parent.parent) && isCode(parent.right)
}

/** Functions, and objects of nothing else. */
function isCode(node: ts.Node): boolean {
  if (typescript.isObjectLiteralExpression(node)) return node.properties.length > 0 && node.properties.every(isCode)
  if (typescript.isPropertyAssignment(node)) return isCode(node.initializer)
  return typescript.isFunctionLike(node)
}

function unseenDeclaration(node: ts.Node): string | undefined {
  if (typescript.isExportAssignment(node) && !node.isExportEquals)
    return isContainer(node.expression) ? 'the default export has no name' : undefined
  if (typescript.isPropertyDeclaration(node) && typescript.isClassDeclaration(node.parent) && isTopLevel(node.parent)) {
    const isStatic = node.modifiers?.some(({ kind }) => kind === typescript.SyntaxKind.StaticKeyword) ?? false
    const holds = node.initializer !== undefined && isContainer(node.initializer)
    return isStatic && holds ? `${node.name.getText()} belongs to the class` : undefined
  }
  const isVariables = typescript.isVariableStatement(node) && typescript.isModuleBlock(node.parent)
  return isVariables && !isAmbient(node) && canChange(node) ? 'variables of a namespace are hidden in it' : undefined
}

/** Constants can, where they hold something; functions, texts and numbers are code. */
function canChange({ declarationList: { flags, declarations } }: ts.VariableStatement): boolean {
  if ((flags & typescript.NodeFlags.Const) === 0) return true
  return declarations.some(
    ({ initializer }) => initializer && (isContainer(initializer) || typescript.isCallExpression(initializer)),
  )
}

/** Something that can change without an assignment. */
function isContainer(node: ts.Expression): boolean {
  return (
    typescript.isObjectLiteralExpression(node) ||
    typescript.isArrayLiteralExpression(node) ||
    typescript.isNewExpression(node)
  )
}

function isAmbient({ parent }: ts.VariableStatement): boolean {
  const namespace = parent.parent as ts.ModuleDeclaration
  return namespace.modifiers?.some(({ kind }) => kind === typescript.SyntaxKind.DeclareKeyword) ?? false
}
