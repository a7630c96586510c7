import assert from 'node:assert/strict'
import { posix, win32 } from 'node:path'
import fc from 'fast-check'
import { collidingPath, pathProblem } from '../../daemon/contract/path.ts'

describe('path', () => {
  it('takes what every file system takes', () => {
    for (const path of ['a.ts', 'src/a.b-c_d.ts', 'A/1.json', '_/x.js', 'a/b/c/d.ts'])
      assert.equal(pathProblem(path), undefined, path)
  })

  it('refuses the rest', () => {
    const refused = [
      '',
      '/a',
      '../a',
      'a/../b',
      'a/..',
      './a',
      'a//b',
      'a/',
      'a\\b',
      'C:a',
      'a b',
      'é.ts',
      'a\n',
      'a\0',
    ]
    const strange = [
      '.git/config',
      'a/.env',
      'CON.ts',
      'a/nul',
      'lpt1.js',
      'a.',
      'x'.repeat(161),
      'node_modules/a.ts',
      'a:b',
      '%2e',
    ]
    for (const path of [...refused, ...strange]) assert.notEqual(pathProblem(path), undefined, JSON.stringify(path))
  })

  it('never takes one that leads out of the folder', () => {
    const part = fc.oneof(fc.constantFrom('..', '.', '', 'a', 'C:', '\\', 'a.ts', '~'), fc.string({ maxLength: 5 }))
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.constantFrom('/', '\\'), (parts, separator) => {
        const path = parts.join(separator)
        if (pathProblem(path) !== undefined) return
        assert(posix.join('/root', path).startsWith('/root/'), path)
        assert(win32.join('C:\\root', path).startsWith('C:\\root\\'), path)
      }),
    )
  })

  it('finds files that some systems take for one, or for a folder', () => {
    assert.equal(collidingPath(['a.ts', 'b.ts', 'A.ts']), 'A.ts')
    assert.equal(collidingPath(['a.ts', 'A.ts/b.ts']), 'A.ts/b.ts')
    assert.equal(collidingPath(['a.ts', 'a/b.ts', 'A/c.ts']), undefined)
  })
})
