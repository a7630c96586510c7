/** Puts imports into the text of an amigo.yaml, and leaves all else as its author wrote it. */
import { isMap, isScalar, parseDocument } from 'yaml'
import type { ImportRule } from '../types.ts'

/** @param text of a manifest that is valid */
export function editManifest(text: string, name: string, rule: ImportRule): string {
  const { contents } = parseDocument(text, { schema: 'failsafe' })
  const pairs = isMap(contents) ? contents.items : []
  const pair = pairs.find(({ key }) => isScalar(key) && key.value === 'imports')
  const [start] = (isScalar(pair?.key) ? pair.key.range : undefined) ?? []
  const [, , end] = isMap(pair?.value) ? (pair.value.range ?? []) : []
  if (start === undefined || end === undefined)
    return `${text}${text.endsWith('\n') ? '' : '\n'}${edited('imports:\n', name, rule)}`
  return text.slice(0, start) + edited(text.slice(start, end), name, rule) + text.slice(end)
}

/** @param part the key `imports` with its value, alone */
function edited(part: string, name: string, { range, mode }: ImportRule): string {
  const document = parseDocument(part, { schema: 'failsafe' })
  const imports = document.get('imports')
  const before = isMap(imports) ? imports.get(name) : undefined
  if (isMap(before)) {
    before.set('range', range)
    before.set('mode', mode)
    return document.toString({ lineWidth: 0 })
  }
  const entry = document.createNode({ range, mode })
  if (isMap(entry)) entry.flow = true
  if (isMap(imports) && imports.items.length > 0) imports.set(name, entry)
  else document.set('imports', document.createNode({ [name]: entry }))
  return document.toString({ lineWidth: 0 })
}
