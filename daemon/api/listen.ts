import { chmod, lstat, unlink } from 'node:fs/promises'
import { createConnection, type Server } from 'node:net'
import { dirname } from 'node:path'
import { PROBE_MS } from './constants.ts'
import { ApiError } from './errors.ts'
import { makePrivateFolder } from './private-folder.ts'

/**
 * Listens on a Unix socket (0600, in a folder of this account alone) or a Windows pipe. The socket of a dead daemon is
 * replaced; one that still answers, or a file that is no socket, is left alone: SOCKET_IN_USE.
 */
export async function listenPrivately(server: Server, path: string): Promise<void> {
  const isPipe = path.startsWith('\\\\')
  if (!isPipe) await makePrivateFolder(dirname(path))
  try {
    await listen(server, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    if (isPipe || !(await isDead(path)))
      throw new ApiError('SOCKET_IN_USE', 'Another daemon answers for this home.', 'stop it with amigo down')
    await unlink(path)
    await listen(server, path)
  }
  if (!isPipe) await chmod(path, 0o600)
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ path }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function isDead(path: string): Promise<boolean> {
  if (!(await lstat(path)).isSocket()) return false
  return new Promise((resolve) => {
    const socket = createConnection({ path })
    const answer = (dead: boolean) => {
      socket.destroy()
      resolve(dead)
    }
    // a busy daemon that does not accept in time is alive
    socket.setTimeout(PROBE_MS, () => answer(false))
    socket.once('connect', () => answer(false))
    socket.once('error', (error: NodeJS.ErrnoException) => answer(error.code === 'ECONNREFUSED'))
  })
}
