import { isPeerId } from '../user-id.ts'

/** A list of different peer IDs. @throws {Error} */
export function checkNodes(value: unknown, max: number): string[] {
  const valid = Array.isArray(value) && value.length <= max && new Set(value).size === value.length
  if (!valid || !value.every((node) => typeof node === 'string' && isPeerId(node))) {
    throw new Error(`its nodes are not a list of at most ${max} different peer IDs`)
  }
  return value
}
