import { posix } from 'node:path'
import { type Declarations, type DeclaredFunction, declarationsOf } from './declarations.ts'
import type { ClassDeclaration, EnumDeclaration, InterfaceDeclaration, Module, TypeAlias } from './syntax.ts'

/** A type and the module whose names it speaks. */
export interface DeclaredType {
  module: Module
  node: TypeAlias | InterfaceDeclaration
}

/** The same of what is a type and a value as well. */
export interface DeclaredShape {
  module: Module
  node: DeclaredType['node'] | ClassDeclaration | EnumDeclaration
}

/** What an exported name stands for; a name without a function is a value of another kind. */
export interface Export {
  name: string
  /** where the entry, or the module it re-exports whole, says so */
  file: string
  line: number
  function?: DeclaredFunction
  /** a type, which is nothing at run time */
  erased: boolean
}

/** All modules of a contract, and the questions about names that cross files. */
export interface Program {
  exportsOf(path: string): Export[]
  typeNamed(module: Module, name: string): DeclaredType | undefined
  /** the same, or a class or an enum */
  shapeNamed(module: Module, name: string): DeclaredShape | undefined
  /** the types that a module exports, classes and enums too, with those it re-exports, by their exported names */
  typesOf(path: string): Map<string, DeclaredShape>
}

/** Where a specifier leads from a module: the path of another, or of none that is known. */
export type Follow = (from: Module, specifier: string) => string

/** Finds declarations across the modules of one contract. @param modules by path */
export function createProgram(modules: ReadonlyMap<string, Module>, pathOf: Follow = relativePath): Program {
  const known = new Map<string, Declarations>()

  const declarations = (path: string): Declarations | undefined => {
    const module = modules.get(path)
    if (module === undefined) return undefined
    const found = known.get(path) ?? declarationsOf(module)
    known.set(path, found)
    return found
  }

  /** Follows a local name to the function or the type behind it. `seen` ends circles of re-exports. */
  const local = <T>(path: string, name: string, pick: Pick<T>, seen: Set<string>): T | undefined => {
    const here = declarations(path)
    if (here === undefined) return undefined
    const found = pick(here, name)
    if (found !== undefined) return found
    const origin = here.imports.get(name)
    if (origin === undefined || origin.name === '*') return undefined
    return exported(pathOf(here.module, origin.specifier), origin.name, pick, seen)
  }

  const exported = <T>(path: string, name: string, pick: Pick<T>, seen: Set<string>): T | undefined => {
    const key = `${path} ${name}`
    if (seen.has(key)) return undefined
    seen.add(key)
    const here = declarations(path)
    if (here === undefined) return undefined
    const found = here.exports.get(name)
    if (found !== undefined && 'local' in found) return local(path, found.local, pick, seen)
    if (found !== undefined) return exported(pathOf(here.module, found.origin.specifier), found.origin.name, pick, seen)
    // Types are not among the exports, which are those of values.
    const direct = local(path, name, pick, seen)
    if (direct !== undefined || name === 'default') return direct
    for (const { specifier } of here.stars) {
      const further = exported(pathOf(here.module, specifier), name, pick, seen)
      if (further !== undefined) return further
    }
    return undefined
  }

  const exportsOf = (path: string, seen: Set<string>): Map<string, Export> => {
    const all = new Map<string, Export>()
    const here = declarations(path)
    if (here === undefined || seen.has(path)) return all
    seen.add(path)
    for (const [name, { line, erased: typeOnly }] of here.exports) {
      if (typeOnly) continue
      const declared = exported(path, name, pickFunction, new Set())
      const erased = declared === undefined && exported(path, name, pickType, new Set()) !== undefined
      all.set(name, { name, file: path, line, ...(declared === undefined ? {} : { function: declared }), erased })
    }
    for (const { specifier, erased } of here.stars)
      for (const [name, found] of erased ? [] : exportsOf(pathOf(here.module, specifier), seen))
        if (name !== 'default' && !all.has(name)) all.set(name, found)
    return all
  }

  const typesOf = (path: string, seen: Set<string>): Map<string, DeclaredShape> => {
    const here = declarations(path)
    const all = new Map<string, DeclaredShape>()
    if (here === undefined || seen.has(path)) return all
    seen.add(path)
    for (const name of [...exportedTypeNames(here.module), ...here.exports.keys()]) {
      const found = name === 'default' ? undefined : exported(path, name, pickShape, new Set())
      if (found !== undefined) all.set(name, found)
    }
    for (const { specifier } of here.stars)
      for (const [name, found] of typesOf(pathOf(here.module, specifier), seen))
        if (!all.has(name)) all.set(name, found)
    return all
  }

  return {
    typesOf: (path) => typesOf(path, new Set()),
    exportsOf: (path) => [...exportsOf(path, new Set()).values()],
    typeNamed: (module, name) => local(module.path, name, pickType, new Set()),
    shapeNamed: (module, name) => local(module.path, name, pickShape, new Set()),
  }
}

/** `export interface Post`, `export type Post`. */
function exportedTypeNames({ body }: Module): string[] {
  return body.flatMap((statement) => {
    const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : undefined
    return declared?.type === 'TSInterfaceDeclaration' || declared?.type === 'TSTypeAliasDeclaration'
      ? [declared.id.name]
      : []
  })
}

/** A relative specifier is a path. */
const relativePath: Follow = (from, specifier) => posix.join(posix.dirname(from.path), specifier)

type Pick<T> = (here: Declarations, name: string) => T | undefined

function pickFunction(here: Declarations, name: string): DeclaredFunction | undefined {
  return here.functions.get(name)
}

function pickType(here: Declarations, name: string): DeclaredType | undefined {
  const node = here.types.get(name)
  return node === undefined ? undefined : { module: here.module, node }
}

function pickShape(here: Declarations, name: string): DeclaredShape | undefined {
  if (!here.shapes.has(name)) return pickType(here, name)
  const node = here.shapes.get(name)
  // an interface beside a class adds to it
  return node === undefined || here.types.has(name) ? undefined : { module: here.module, node }
}
