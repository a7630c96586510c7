import { VERSIONS } from '../constants.ts'
import { ProtocolError } from '../errors.ts'
import type { Hello } from './frame.ts'

/**
 * The newest version that both sides speak (section 3).
 *
 * @throws ProtocolError WRONG_NETWORK or VERSION_UNSUPPORTED
 */
export function agree(own: Pick<Hello, 'network' | 'versions'>, theirs: Pick<Hello, 'network' | 'versions'>): number {
  if (own.network !== theirs.network) {
    const message = `The peer is on the network ${theirs.network}, this node on ${own.network}.`
    throw new ProtocolError('WRONG_NETWORK', message, { party: 'remote', hint: 'Start a node on that network.' })
  }
  const common = own.versions.filter((version) => theirs.versions.includes(version))
  if (common.length === 0) {
    const message = `The peer speaks versions ${theirs.versions.join(', ')} of the protocol, this node ${own.versions.join(', ')}.`
    throw new ProtocolError('VERSION_UNSUPPORTED', message, {
      party: 'remote',
      hint: 'Update the older of the two nodes.',
    })
  }
  return Math.max(...common)
}

/** The first frame of this side, with all versions that it speaks. @param init.agent name and version of the program */
export function helloOf(init: { network: string; agent: string; capabilities?: string[] | undefined }): Hello {
  const { network, agent, capabilities = [] } = init
  return { type: 'hello', versions: [...VERSIONS], network, agent, capabilities }
}
