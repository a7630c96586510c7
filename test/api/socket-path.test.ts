import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assertOwnFolder, makePrivateFolder } from '../../daemon/api/private-folder.ts'
import { socketPathFor } from '../../daemon/api/socket-path.ts'
import { codeOf } from './fixture.ts'

describe('the path of the socket', () => {
  const linux = { platform: 'linux', temporary: '/tmp', uid: 1000 } as const

  it('is in the home if the system takes it', () => {
    assert.equal(socketPathFor('/home/alice/x', linux), '/home/alice/x/api.sock')
    assert.equal(socketPathFor('/home/alice/x/', linux), '/home/alice/x/api.sock')
  })

  it('is elsewhere, one for each home, if it would be too long', () => {
    const one = socketPathFor(`/${'é'.repeat(60)}/a`, linux)
    const other = socketPathFor(`/${'é'.repeat(60)}/b`, linux)
    assert.match(one, /^\/tmp\/amigos-1000\/[0-9a-f]{24}\.sock$/)
    assert.notEqual(one, other)
  })

  it('is a named pipe on Windows', () => {
    assert.match(socketPathFor('/x', { ...linux, platform: 'win32' }), /^\\\\\.\\pipe\\amigos-[0-9a-f]{24}$/)
  })
})

describe('a private folder', () => {
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'amigos-private-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  it('is not one that somebody else owns, nor one behind a link to it', async () => {
    // the folders of the system belong to root: to somebody else, unless these tests run as root
    const stranger = process.getuid?.() === 0 ? undefined : '/usr'
    if (stranger !== undefined) {
      assert.equal(await codeOf(assertOwnFolder(stranger)), 'UNSAFE_FOLDER')
      await symlink(stranger, join(folder, 'link'))
      assert.equal(await codeOf(makePrivateFolder(join(folder, 'link'))), 'UNSAFE_FOLDER')
    }
    assert.equal(await codeOf(assertOwnFolder('/dev/null')), 'UNSAFE_FOLDER')
  })

  it('may be reached by a link of one’s own', async () => {
    await mkdir(join(folder, 'real'))
    await symlink(join(folder, 'real'), join(folder, 'mine'))
    await makePrivateFolder(join(folder, 'mine'))
  })
})
