import { createHash } from 'node:crypto'
import { tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { MAX_SOCKET_PATH_BYTES } from './constants.ts'

export interface Surroundings {
  platform: NodeJS.Platform
  /** folder for temporary files */
  temporary: string
  /** number of the account; -1 where there is none */
  uid: number
}

/**
 * Where the daemon of a home listens: `<home>/api.sock`. Where that is longer than the system takes, a socket named by a hash
 * of the home in a folder of this account under the temporary folder; on Windows a named pipe of that hash.
 */
export function socketPathFor(home: string, surroundings: Surroundings = here()): string {
  const { platform, temporary, uid } = surroundings
  const absolute = resolve(home)
  const hash = createHash('sha256').update(absolute).digest('hex').slice(0, 24)
  if (platform === 'win32') return `\\\\.\\pipe\\amigos-${hash}`
  const inside = join(absolute, 'api.sock')
  if (Buffer.byteLength(inside) <= MAX_SOCKET_PATH_BYTES) return inside
  return join(temporary, `amigos-${uid}`, `${hash}.sock`)
}

function here(): Surroundings {
  return { platform: process.platform, temporary: tmpdir(), uid: userInfo().uid }
}
