import { constants } from 'node:fs'
import { open, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LOG_TAIL_BYTES, MAX_LOG_BYTES } from './constants.ts'
import { CliError } from './errors.ts'

export interface DaemonLog {
  path: string
  /** to be handed to the daemon as its stdout and stderr */
  fd: number
  /** the lines that were written since it was opened, the last ones if there are many */
  tail(): Promise<string[]>
  close(): Promise<void>
}

/** Opens `<home>/daemon.log` to append to, for this account alone (0600); no link is followed. A large one is put aside first. */
export async function openLog(home: string): Promise<DaemonLog> {
  const path = join(home, 'daemon.log')
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  )
  if (size > MAX_LOG_BYTES) await rename(path, `${path}.1`)
  // absent on Windows, where making a link takes a privilege
  const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0)
  const file = await open(path, flags, 0o600).catch(() => {
    throw new CliError('FILE_UNWRITABLE', `${path} cannot be written.`, 'is it a link, or somebody else’s?')
  })
  await file.chmod(0o600)
  const { size: start } = await file.stat()
  return {
    path,
    fd: file.fd,
    async tail() {
      const { size: end } = await file.stat()
      const from = Math.max(start, end - LOG_TAIL_BYTES)
      const { bytesRead, buffer } = await file.read(Buffer.alloc(end - from), 0, end - from, from)
      return buffer.toString('utf8', 0, bytesRead).split('\n')
    },
    close: () => file.close(),
  }
}
