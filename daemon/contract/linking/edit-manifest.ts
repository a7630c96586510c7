/** Puts imports into the text of an amigo.yaml, and the networks that they are on, and leaves all else as its author wrote it. */
import { isMap, isScalar, parseDocument } from 'yaml'
import type { ImportRule } from '../types.ts'

/** @param text of a manifest that is valid */
export function editManifest(text: string, name: string, { range, mode }: ImportRule): string {
  return put(text, 'imports', name, { range, mode })
}

/** Says how a network is reached. @param text of a manifest that is valid */
export function editNetworks(text: string, name: string, invite: string): string {
  return put(text, 'networks', name, invite)
}

type Key = 'imports' | 'networks'
type Value = string | Record<string, string>

function put(text: string, key: Key, name: string, value: Value): string {
  const { contents } = parseDocument(text, { schema: 'failsafe' })
  const pairs = isMap(contents) ? contents.items : []
  const pair = pairs.find((one) => isScalar(one.key) && one.key.value === key)
  const [start] = (isScalar(pair?.key) ? pair.key.range : undefined) ?? []
  const [, , end] = isMap(pair?.value) ? (pair.value.range ?? []) : []
  if (start === undefined || end === undefined)
    return `${text}${text.endsWith('\n') ? '' : '\n'}${edited(`${key}:\n`, key, name, value)}`
  return text.slice(0, start) + edited(text.slice(start, end), key, name, value) + text.slice(end)
}

/** @param part the key with its value, alone */
function edited(part: string, key: Key, name: string, value: Value): string {
  const document = parseDocument(part, { schema: 'failsafe' })
  const all = document.get(key)
  const before = isMap(all) ? all.get(name) : undefined
  if (isMap(before) && typeof value !== 'string') {
    for (const [field, text] of Object.entries(value)) before.set(field, text)
    return document.toString({ lineWidth: 0 })
  }
  const entry = document.createNode(value)
  if (isMap(entry)) entry.flow = true
  if (isMap(all) && all.items.length > 0) all.set(name, entry)
  else document.set(key, document.createNode({ [name]: entry }))
  return document.toString({ lineWidth: 0 })
}
