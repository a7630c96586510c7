import assert from 'node:assert/strict'
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openUserKeys } from '../../daemon/calls/homes/user-keys.ts'
import { loadOrCreateKey } from '../../daemon/node/key-file.ts'
import { type Signer, signerOf } from '../../daemon/node/signer.ts'
import { MAX_KEY_LINKS } from '../../registry/constants.ts'
import { homeKey, signHomeRecord, verifyHomeRecord } from '../../registry/home/record.ts'
import { userIdOf } from '../../registry/user-id.ts'
import { NETWORK, NOON, terms } from '../registry/helpers.ts'
import { tempFolder } from '../support/temp.ts'

describe('the keys of a user', () => {
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let first: Signer

  beforeEach(async () => {
    folder = await tempFolder('keys')
    first = signerOf(await loadOrCreateKey(join(folder.path, 'user.key')))
  })
  afterEach(() => folder.remove())

  const open = () => openUserKeys(folder.path, first)
  const record = async () => {
    const keys = await open()
    const context = { key: homeKey(userIdOf(first.publicKey)), network: NETWORK, now: NOON }
    return verifyHomeRecord(await signHomeRecord(keys, terms()), context)
  }

  it('are the first alone until it is changed, and after that the user’s still, across restarts', async () => {
    assert.deepEqual([...(await open()).current()], [...first.publicKey])
    for (let changes = 1; changes <= MAX_KEY_LINKS; changes++) {
      await (await open()).change()
      const { user, keys } = await record()
      assert.deepEqual([user, keys.length], [userIdOf(first.publicKey), changes + 1])
    }
    await assert.rejects((await open()).change(), { code: 'KEY_CHANGES_FULL' })
    assert.equal((await stat(join(folder.path, 'user-1.key'))).mode & 0o777, 0o600)
  })

  it('take up a key that was made before a crash, and are complete after each step', async () => {
    const made = signerOf(await loadOrCreateKey(join(folder.path, 'user-1.key')))
    assert.deepEqual((await open()).links(), [])
    await (await open()).change()
    assert.deepEqual([...(await open()).current()], [...made.publicKey])
    assert.deepEqual((await readdir(folder.path)).sort(), ['user-1.key', 'user.key', 'user.links'])
  })

  it('are refused where they do not fit together', async () => {
    await (await open()).change()
    await (await open()).change()
    const links = await readFile(join(folder.path, 'user.links'))
    for (const bytes of [links.subarray(1), Buffer.alloc(0), links.with(links.length - 1, links.at(-1)! ^ 1)]) {
      await writeFile(join(folder.path, 'user.links'), bytes)
      await assert.rejects(open(), { code: 'KEY_LINKS_INVALID' })
    }
    await writeFile(join(folder.path, 'user.links'), links)
    await open()
    await rm(join(folder.path, 'user-2.key'))
    await assert.rejects(open(), { code: 'KEY_LINKS_INVALID' })
  })
})
