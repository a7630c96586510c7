/** A browser of this machine, for what only a browser shows. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export function startChromium(): Promise<Browser> {
  assert.ok(existsSync(CHROMIUM), `there is no ${CHROMIUM}: install it with "apt-get install chromium"`)
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
}
