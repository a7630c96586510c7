import type { Identity } from '../../daemon/calls/types.ts'

/** A network without registrars, for parts that are told of one. */
export function testNetwork(name: string = 'test', id: string = name): Identity['network'] {
  return { name, id, suffix: 'amigos.net', registrars: [], required: 0 }
}
