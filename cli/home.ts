import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { CliError } from './errors.ts'

/** The data folder, absolute: the flag, else AMIGO_HOME unless it is empty, else where the platform keeps such things. Throws USAGE. */
export function homeFolder(
  flag: string | undefined,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
  user: string = homedir(),
): string {
  if (flag === '') throw new CliError('USAGE', '--home is empty.', 'say --home DIR, or leave it out')
  const chosen = flag ?? env['AMIGO_HOME']
  if (chosen) return resolve(chosen)
  if (platform === 'win32') return join(env['LOCALAPPDATA'] || join(user, 'AppData', 'Local'), 'amigos')
  if (platform === 'darwin') return join(user, 'Library', 'Application Support', 'amigos')
  return join(env['XDG_DATA_HOME'] || join(user, '.local', 'share'), 'amigos')
}
