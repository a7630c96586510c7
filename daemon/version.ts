import { readFileSync } from 'node:fs'

/** The version of this release, from package.json beside the daemon's folder (one level further up in the built package). */
export const VERSION: string = readVersion()

function readVersion(): string {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
      if (name === 'amigos') return version
    } catch {
      // the other place
    }
  }
  return '0.0.0'
}
