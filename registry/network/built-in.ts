import { DEFAULT_SUFFIX } from '../constants.ts'
import { networkOf } from './manifest.ts'
import type { Network } from './types.ts'

/** The network of a node that was told of no other: no registrar, nobody to start from but what the flags give. */
export function builtInNetwork(): Network {
  return networkOf({
    name: 'amigos',
    suffix: DEFAULT_SUFFIX,
    bootstrap: [],
    registrars: [],
    required: 0,
    created: 0,
  })
}
