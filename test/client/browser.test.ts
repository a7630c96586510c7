import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Browser, BrowserContext, Page as Tab } from 'playwright-core'
import type { Amigo, Connectivity, AmigoError as ErrorOf } from '../../daemon/client/node.ts'
import { type RunningNode, startNode } from '../support/amigo.ts'
import { startChromium } from '../support/chromium.ts'
import { tempFolder } from '../support/temp.ts'
import { type Forum, forumFolder } from './forum-folder.ts'

/** What a program loads, in bytes: it has no dependencies, and is not to get any unseen. */
const MAX_BUNDLE_BYTES = 16_384

/** Inside the tab. */
declare const amigos: { AmigoError: typeof ErrorOf; connect(init: { node: string }): Amigo }
/** There, too: what one who follows was given, and told. */
declare const followed: { seqs: number[]; states: Connectivity[] }

describe('client: in a browser', function () {
  this.timeout(60_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let node: RunningNode
  let browser: Browser
  let context: BrowserContext
  let tab: Tab
  let site: Server
  let bundle: string
  let url: string

  before(async () => {
    const made = await build({
      ...{
        entryPoints: [join(import.meta.dirname, 'page.ts')],
        bundle: true,
        minify: true,
        format: 'esm',
        write: false,
      },
    })
    bundle = made.outputFiles[0]!.text
    site = createServer((request, response) => {
      const isScript = request.url === '/page.js'
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
      response.end(
        isScript ? bundle : '<!doctype html><title>a program</title><script type=module src=/page.js></script>',
      )
    })
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
    url = `http://localhost:${(site.address() as AddressInfo).port}`
    folder = await tempFolder('amigos-browser')
    node = await startNode(join(folder.path, 'home'), ['--allow-origin', url])
    await node.run('serve', await forumFolder(folder.path))
    await node.run('serve', await forumFolder(folder.path, 'mine', 'access: owner\n'))
    browser = await startChromium()
    context = await browser.newContext()
    tab = await context.newPage()
    await tab.goto(url)
    await tab.waitForFunction('globalThis.amigos !== undefined')
  })

  after(async () => {
    await browser?.close()
    await node?.stop()
    site?.closeAllConnections()
    site?.close()
    await folder?.remove()
  })

  it('is small', () => {
    assert.ok(Buffer.byteLength(bundle) < MAX_BUNDLE_BYTES, `${Buffer.byteLength(bundle)} bytes`)
  })

  it('calls with a key of its own, and gets values as they are', async () => {
    const found = await tab.evaluate(async (page) => {
      const forum = await amigos.connect({ node: page }).import<Forum>('local.land/_/forum')
      const post = await forum.createPost('from a browser', new Set(['web']))
      const byTag = await forum.byTag('web')
      const { receipt, events } = await forum.$call('createPost', ['again'])
      return {
        user: forum.$user,
        by: post.by,
        who: await forum.who(),
        id: String(post.id),
        isDate: post.at instanceof Date,
        found: byTag.get(post.id)?.text,
        hasReceipt: typeof receipt === 'object' && receipt !== null,
        emitted: events.map(({ name, value }) => `${name} ${value}`),
      }
    }, node.info.http)
    assert.match(found.user, /^k51/)
    assert.deepEqual(found, {
      user: found.user,
      by: found.user,
      // a question is asked in the same name
      who: found.user,
      id: '1',
      isDate: true,
      found: 'from a browser',
      hasReceipt: true,
      emitted: ['post 2'],
    })
    const { user } = await node.run<{ user: string }>('status')
    assert.notEqual(found.user, user)
    const log = await node.run<{ commits: { calls: { caller: string }[] }[] }>('log', 'local.land/_/forum')
    assert.equal(log.commits[0]?.calls[0]?.caller, found.user)
  })

  it('is the same user after it was left', async () => {
    const user = (page: string) =>
      tab.evaluate(async (at) => (await amigos.connect({ node: at }).import('local.land/_/forum')).$user, page)
    const before = await user(node.info.http)
    await tab.reload()
    await tab.waitForFunction('globalThis.amigos !== undefined')
    assert.equal(await user(node.info.http), before)
  })

  it('streams and follows', async () => {
    const found = await tab.evaluate(async (page) => {
      const forum = await amigos.connect({ node: page }).import<Forum>('local.land/_/forum')
      const items: string[] = []
      for await (const item of forum.$stream('feed', [3])) items.push(item)
      for await (const item of forum.$stream('feed', [1e6])) {
        items.push(item)
        break
      }
      const { seq } = await forum.$call('createPost', ['followed'])
      const commits = forum.$subscribe({ from: seq })
      const first = (await commits.next()).value
      const waiting = commits.next()
      await forum.createPost('next')
      const second = (await waiting).value
      await commits.return?.()
      return { items, seqs: [first?.seq, second?.seq].map((one) => Number(one) - seq), event: second?.events[0]?.name }
    }, node.info.http)
    assert.deepEqual(found, { items: ['item 0', 'item 1', 'item 2', 'item 0'], seqs: [0, 1], event: 'post' })
  })

  it('is answered although the first answer was lost, and its call is made once', async () => {
    const sent: (string | null)[] = []
    await tab.route('**/-/v1/call', async (route) => {
      sent.push(route.request().postData())
      if (sent.length > 1) return route.continue()
      // the node does it, and nobody hears of it
      await route.fetch()
      return route.abort('connectionreset')
    })
    const found = await tab.evaluate(async (page) => {
      const forum = await amigos.connect({ node: page }).import<Forum>('local.land/_/forum')
      const { result, seq } = await forum.$call('createPost', ['once', new Set(['once'])])
      return { id: result.id, seq, all: [...(await forum.byTag('once')).keys()] }
    }, node.info.http)
    await tab.unroute('**/-/v1/call')
    assert.deepEqual(found.all, [found.id])
    assert.equal(sent.length, 2)
    assert.equal(sent[0], sent[1])
  })

  it('follows through a crash of the node, and misses nothing', async () => {
    const post = async (): Promise<number> =>
      Number((await node.run('call', 'local.land/_/forum', 'createPost', '"followed"'))['seq'])
    const seen = (what: string) => tab.waitForFunction(what)
    await tab.evaluate(async (page) => {
      const forum = await amigos.connect({ node: page }).import<Forum>('local.land/_/forum')
      const kept: typeof followed = { seqs: [], states: [] }
      Object.assign(globalThis, { followed: kept })
      void (async () => {
        const onConnection = (state: Connectivity): void => void kept.states.push(state)
        for await (const { seq } of forum.$subscribe({ onConnection })) kept.seqs.push(seq)
      })()
    }, node.info.http)
    await seen('followed.states.length === 1')
    const first = await post()
    await seen('followed.seqs.length === 1')
    const port = new URL(node.info.http).port
    await node.kill()
    await seen('followed.states.length > 1')
    node = await startNode(join(folder.path, 'home'), ['--http', port])
    const missed = [await post(), await post()]
    await seen('followed.seqs.length === 3')
    const found = await tab.evaluate(() => followed)
    assert.deepEqual(found.seqs, [first, ...missed])
    assert.deepEqual(found.states[0], { connected: true })
    assert.deepEqual(found.states.at(-1), { connected: true })
    const lost = found.states.slice(1, -1)
    assert.ok(lost.length > 0 && lost.every((state) => !state.connected && state.code === 'NO_DAEMON'))
  })

  it('is a stranger, and is told what went wrong', async () => {
    const found = await tab.evaluate(async (page) => {
      const { connect, AmigoError } = amigos
      const failed = async (work: Promise<unknown>) => {
        const error = await work.then(() => undefined).catch((one: unknown) => one)
        return error instanceof AmigoError ? [error.code, error.outcome ?? ''].join(' ').trim() : String(error)
      }
      const forum = await connect({ node: page }).import<Forum>('local.land/_/forum')
      const aborted = forum.$with({ signal: AbortSignal.abort() })
      return [
        await failed(connect({ node: page }).import('local.land/_/mine')),
        await failed(connect({ node: page }).import('local.land/_/none')),
        await failed(forum.fail('on purpose')),
        await failed(forum.createPost(7 as unknown as string)),
        await failed(forum.$call('missing' as 'who', [])),
        await failed(aborted.createPost('never')),
        await failed(connect({ node: 'http://localhost:1' }).import('local.land/_/forum')),
      ]
    }, node.info.http)
    assert.deepEqual(found, [
      'ACCESS_DENIED',
      'SERVICE_NOT_FOUND',
      'CONTRACT_THREW refused',
      'BAD_ARGUMENTS refused',
      'NO_SUCH_FUNCTION refused',
      'CANCELLED not-sent',
      'NO_DAEMON',
    ])
  })

  it('reaches a service of another node through its own, as the same user', async () => {
    const bob = await startNode(join(folder.path, 'bob'))
    try {
      const { user } = await bob.run<{ user: string }>('status')
      await bob.run('publish', await forumFolder(folder.path, 'far', 'access: { history: owner, query: public }\n'))
      await node.run('connect', bob.info.addresses.find((one) => one.includes('127.0.0.1'))!)
      const found = await tab.evaluate(
        async ([page, name]) => {
          const far = await amigos.connect({ node: page! }).import<Forum>(name!)
          const post = await far.createPost('over there')
          const items: string[] = []
          for await (const item of far.$stream('feed', [2])) items.push(item)
          const commits = far.$subscribe({ from: 1 })
          const refused = await commits.next().catch((error: ErrorOf) => error.code)
          return { user: far.$user, by: post.by, who: await far.who(), items, refused }
        },
        [node.info.http, `~${user}/far`],
      )
      assert.deepEqual(found, {
        user: found.user,
        by: found.user,
        who: found.user,
        items: ['item 0', 'item 1'],
        refused: 'ACCESS_DENIED',
      })
    } finally {
      await bob.stop()
    }
  })

  it('is not let in from an origin that nobody named', async () => {
    const other = await context.newPage()
    await other.goto(url.replace('localhost', '127.0.0.1'))
    await other.waitForFunction('globalThis.amigos !== undefined')
    const code = await other.evaluate(
      (page) =>
        amigos
          .connect({ node: page })
          .import('local.land/_/forum')
          .then(String, (error: ErrorOf) => error.code),
      node.info.http,
    )
    assert.equal(code, 'NO_DAEMON')
    await other.close()
  })
})
