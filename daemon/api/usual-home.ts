import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** The data folder of the node of this account, absolute: AMIGO_HOME unless it is empty, else where the platform keeps such things. */
export function usualHome(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
  user: string = homedir(),
): string {
  const chosen = env['AMIGO_HOME']
  if (chosen) return resolve(chosen)
  if (platform === 'win32') return join(env['LOCALAPPDATA'] || join(user, 'AppData', 'Local'), 'amigos')
  if (platform === 'darwin') return join(user, 'Library', 'Application Support', 'amigos')
  return join(env['XDG_DATA_HOME'] || join(user, '.local', 'share'), 'amigos')
}
