import { resolve } from 'node:path'
import { usualHome } from '../daemon/api/usual-home.ts'
import { CliError } from './errors.ts'

/** The data folder, absolute: the flag, else AMIGO_HOME unless it is empty, else where the platform keeps such things. Throws USAGE. */
export function homeFolder(
  flag: string | undefined,
  env: NodeJS.ProcessEnv,
  platform?: NodeJS.Platform,
  user?: string,
): string {
  if (flag === '') throw new CliError('USAGE', '--home is empty.', 'say --home DIR, or leave it out')
  return flag === undefined ? usualHome(env, platform, user) : resolve(flag)
}
