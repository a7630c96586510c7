import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

describe('npm run demo', function () {
  this.timeout(120_000)

  it('tells its story to the end', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'demo.ts')])
    assert.match(stdout, /All of it happened/)
  })
})
