/** Graphs as the local API tells them. */
import type { GraphItem, UpJson } from '../../api/vocabulary.ts'
import type { Up } from './types.ts'

export const upJson = (up: Up | undefined): UpJson => ({
  up: up?.up ?? null,
  ms: up?.ms ?? null,
  code: up?.code ?? null,
  seen: up?.seen === undefined ? null : new Date(up.seen).toISOString(),
})

/** What is known of nothing in particular. */
export const nothing: Omit<GraphItem, 'mode' | 'name'> = {
  ...{ version: null, range: null, service: null, contract: null, host: null, here: null, repeated: null },
  ...upJson(undefined),
}
