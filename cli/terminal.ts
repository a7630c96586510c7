import { PROGRESS_AFTER_MS, PROGRESS_EVERY_MS } from './constants.ts'
import { ownWords } from './own-words.ts'
import { progressLine } from './progress.ts'
import { styled, Text } from './text.ts'
import type { Settings, Terminal } from './types.ts'
import { visibleJson } from './visible.ts'

export interface Streams {
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
  env: NodeJS.ProcessEnv
}

const CLEAR_LINE = '\r\u001b[K'

/** Of a terminal that does not say. */
const WIDTH = 80

/** The only way of this program to the terminal. Takes Text and JSON values, never strings. */
export function createTerminal(
  streams: Streams,
  settings: Pick<Settings, 'homeWord' | 'json' | 'quiet' | 'verbose'>,
): Terminal {
  const { stdout, stderr, env } = streams
  // https://no-color.org: set and not empty
  const mayColor = !env['NO_COLOR'] && env['TERM'] !== 'dumb'
  const paintOut = stdout.isTTY === true && mayColor
  const paintErr = stderr.isTTY === true && mayColor
  const looksOn = stderr.isTTY === true && env['TERM'] !== 'dumb'
  const words = ownWords(env, settings.homeWord)
  const inOwnWords = ({ parts }: Text): Text => new Text(parts.map((part) => ({ ...part, text: words(part.text) })))
  /** somebody waits with a line of their own */
  let occupied = false
  /** that line is on the screen */
  let waiting = false

  function toStderr(lines: readonly Text[]): void {
    if (waiting) stderr.write(CLEAR_LINE)
    for (const line of lines) stderr.write(`${line.render(paintErr)}\n`)
  }

  function toStdout(text: string): Promise<void> {
    if (waiting) stderr.write(CLEAR_LINE)
    return new Promise((resolve) => {
      stdout.write(text, () => resolve())
    })
  }

  return {
    isInteractive: stdout.isTTY === true && stderr.isTTY === true,
    print: (...lines) => toStdout(lines.map((line) => `${line.render(paintOut)}\n`).join('')),
    printJson: (value) => toStdout(`${visibleJson(value)}\n`),
    note: (...lines) => {
      if (!settings.quiet && !settings.json) toStderr(lines.map(inOwnWords))
    },
    detail: (...lines) => {
      if (settings.verbose) toStderr(lines.map((line) => styled('dim', line)))
    },
    complain: (...lines) => toStderr(lines),
    wait(what, progress = () => undefined) {
      if (!looksOn || settings.quiet || settings.json || occupied) return () => {}
      occupied = true
      const since = Date.now()
      const show = () => {
        waiting = true
        const seconds = Math.floor((Date.now() - since) / 1_000)
        const line = progressLine(what, seconds, progress(), stderr.columns ?? WIDTH)
        stderr.write(`${CLEAR_LINE}${styled('dim', line).render(paintErr)}`)
      }
      let repeat: NodeJS.Timeout | undefined
      const first = setTimeout(() => {
        show()
        repeat = setInterval(show, PROGRESS_EVERY_MS)
      }, PROGRESS_AFTER_MS)
      return () => {
        clearTimeout(first)
        clearInterval(repeat)
        if (waiting) stderr.write(CLEAR_LINE)
        waiting = false
        occupied = false
      }
    },
  }
}
