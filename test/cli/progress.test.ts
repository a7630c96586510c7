import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { progressLine } from '../../cli/progress.ts'
import { createTerminal } from '../../cli/terminal.ts'
import { say } from '../../cli/text.ts'

describe('progress for people', () => {
  const line = (...args: Parameters<typeof progressLine>) => progressLine(...args).render(false)

  it('is a bar as soon as it is known how much there is', () => {
    assert.equal(line(say`verifying c`, 0, undefined, 80), 'verifying c ...')
    assert.equal(line(say`verifying c`, 3, undefined, 80), 'verifying c ... 3 s')
    assert.equal(line(say`x`, 3, { doing: 'fetching', done: 1_234 }, 80), 'fetching 1,234 ... 3 s')
    assert.equal(
      line(say`x`, 3, { doing: 'replaying', done: 5_000, total: 10_000 }, 80),
      'replaying ████████████░░░░░░░░░░░░ 5,000 of 10,000, 3 s',
    )
  })

  it('fits, whatever the daemon says', () => {
    for (const progress of [
      { doing: '\u001b[2J', done: 1e308, total: -1 },
      { doing: 'x'.repeat(500), done: 7, total: 3 },
      { doing: '', done: Number.NaN, total: Number.NaN },
    ]) {
      const text = line(say`x`, 1, progress, 40)
      assert.ok([...text].length < 40 && !text.includes('\u001b'), text)
    }
  })

  it('is drawn on a terminal while a wait is long, and wiped out at its end', async () => {
    const drawn = Promise.withResolvers<void>()
    let text = ''
    const stderr = new Writable({
      write(chunk, _, done) {
        text += chunk
        if (text.includes('█')) drawn.resolve()
        done()
      },
    })
    const stream = Object.assign(stderr, { isTTY: true, columns: 80 }) as unknown as NodeJS.WriteStream
    const settings = { homeWord: undefined, json: false, quiet: false, verbose: false }
    const terminal = createTerminal({ stdout: stream, stderr: stream, env: {} }, settings)
    const end = terminal.wait(say`verifying`, () => ({ doing: 'replaying', done: 3, total: 4 }))
    await drawn.promise
    end()
    assert.match(text, /█+░+/)
    assert.ok(text.endsWith('\r\u001b[K'))
  })
})
