import assert from 'node:assert/strict'
import { editManifest } from '../../daemon/contract/linking/edit-manifest.ts'
import { parseManifest } from '../../daemon/contract/manifest.ts'
import type { ImportRule } from '../../daemon/contract/types.ts'

const BASE = '# mine\nname: blog   # short\nversion: 0.1.0\ntags: [a,b]\n'
const NAME = 'alice.amigos.net/forum'
const RULE: ImportRule = { range: '^1.2', mode: 'live' }
const LINE = `  ${NAME}: { range: ^1.2, mode: live }\n`

/** What comes of it, which has to be a manifest with that import. */
function edit(text: string, rule: ImportRule = RULE): string {
  const edited = editManifest(text, NAME, rule)
  assert.deepEqual(parseManifest(new TextEncoder().encode(edited)).imports[NAME], rule)
  return edited
}

describe('an amigo.yaml that is given an import', () => {
  it('has it at its end, and stays as it was', () => {
    assert.equal(edit(BASE), `${BASE}imports:\n${LINE}`)
    assert.equal(edit(BASE.trimEnd()), `${BASE}imports:\n${LINE}`)
    assert.equal(edit(`${BASE}imports: {}\n`), `${BASE}imports:\n${LINE}`)
  })

  it('keeps other imports, comments and what follows', () => {
    const other = '  # pure\n  carol.amigos.net/text: { range: "1", mode: code } # of hers\n'
    const after = '# who\naccess: public\n'
    const edited = edit(`${BASE}imports:\n${other}${after}`)
    assert(edited.startsWith(`${BASE}imports:\n${other}`), edited)
    assert(edited.endsWith(after), edited)
    assert(edited.includes(LINE), edited)
  })

  it('changes one that is there in its place', () => {
    const text = `imports:\n  ${NAME}: # the best\n    range: ^1.0\n    mode: live\n${BASE}`
    const edited = edit(text, { range: '2', mode: 'fork' })
    assert.match(edited, /# the best/)
    assert(edited.endsWith(BASE), edited)
    assert.equal(edit(edited, { range: '2', mode: 'fork' }), edited)
  })

  it('writes ranges that YAML would take for numbers so that they stay texts', () => {
    for (const range of ['*', '1', '1.2', '~1.2.3', '1.0.0-rc.1']) edit(BASE, { range, mode: 'live' })
  })
})
