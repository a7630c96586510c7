import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { PageError } from '../../daemon/page/errors.ts'
import { createPage, type Page } from '../../daemon/page/page.ts'
import type { PageSource } from '../../daemon/page/types.ts'
import { createFakeSource, guestbook, node, PEER_ID } from './fake-source.ts'
import { bodyOf, get, headerOf, rawRequest, statusOf } from './raw-request.ts'

describe('page: server', () => {
  const ends: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0)) await end()
  })

  async function serve(replace: Partial<PageSource> = {}, renderMs?: number): Promise<number> {
    const page = createPage({ source: createFakeSource(replace) }, { port: 0, ...(renderMs && { renderMs }) })
    ends.push(() => page.stop())
    await page.start()
    return portOf(page)
  }

  describe('pages', () => {
    it('shows the node and its services', async () => {
      const port = await serve()
      const response = await get(port, '/')
      assert.equal(statusOf(response), 200)
      const body = bodyOf(response)
      for (const text of [
        PEER_ID,
        'href="/guestbook/"',
        'Sign your name &amp; say hello.',
        'up for 3 hours',
        'amigo connect /ip4/',
      ]) {
        assert.ok(body.includes(text), text)
      }
    })

    it('says what to try next when there is no service', async () => {
      const port = await serve({ services: async () => [] })
      assert.ok(bodyOf(await get(port, '/')).includes('amigo init hello'))
    })

    it('shows what a service shows of itself, and the way to the rest', async () => {
      const response = await get(await serve(), '/guestbook/')
      assert.equal(statusOf(response), 200)
      const body = bodyOf(response)
      for (const text of ['Hola a todos', '/guestbook/-/functions', '/guestbook/-/state', '/guestbook/-/history'])
        assert.ok(body.includes(text), text)
      assert.equal(body.match(/<h1/g)?.length, 1)
    })

    it('shows the functions at once where a service has no page of its own', async () => {
      assert.ok(bodyOf(await get(await serve(), '/chess/')).includes('amigo call local.land/_/chess sign'))
    })

    it('shows the functions of a service, who may call them, and where it stands', async () => {
      const port = await serve()
      const response = await get(port, '/guestbook/-/functions')
      assert.equal(statusOf(response), 200)
      const body = bodyOf(response)
      for (const text of [
        'the owner alone',
        'the owner and 1 more',
        '64 MiB',
        '1,000,000,000',
        'every step was run again here',
        'amigo call local.land/_/guestbook sign &#39;name&#39; &#39;text&#39;',
        'amigo query local.land/_/guestbook latest',
        guestbook.service,
        guestbook.contract,
        guestbook.commit,
      ]) {
        assert.ok(body.includes(text), text)
      }
      assert.equal(body.match(/<h1/g)?.length, 1)
    })

    it('hands render the decoded path without the query', async () => {
      const paths: string[] = []
      const port = await serve({ render: async (_name, path) => `${paths.push(path)}` })
      for (const target of ['/guestbook/', '/guestbook/?a=b', '/guestbook/some/path?q', '/guestbook/a%20b/%E6%98%8E/'])
        await get(port, target)
      assert.deepEqual(paths, ['/', '/', '/some/path', '/a b/明/'])
    })

    it('adds the slash that relative links need, and sends nobody elsewhere', async () => {
      const port = await serve()
      const response = await get(port, '/guestbook?x=1')
      assert.equal(statusOf(response), 308)
      assert.equal(headerOf(response, 'Location'), '/guestbook/')
      assert.equal(statusOf(await get(port, '//evil.example')), 404)
      assert.equal(statusOf(await get(port, '//evil.example/')), 404)
    })

    it('draws the icon', async () => {
      const response = await get(await serve(), '/icon.svg')
      assert.equal(headerOf(response, 'Content-Type'), 'image/svg+xml; charset=utf-8')
      assert.match(bodyOf(response), /^<svg .*<\/svg>$/s)
    })

    it('has 404 for what is not there, without asking the contract', async () => {
      const asked: string[] = []
      const port = await serve({ render: async (name) => `${asked.push(name)}` })
      for (const target of [
        '/nobody/',
        '/__proto__/',
        '/constructor/',
        '/favicon.ico',
        '/.git/config',
        '/guest%20book/',
      ]) {
        assert.equal(statusOf(await get(port, target)), 404, target)
      }
      assert.deepEqual(asked, [])
    })

    it('escapes what the daemon hands it, and shows no service whose name is no name', async () => {
      const evil = '"><script>alert(1)</script>'
      const port = await serve({
        node: async () => ({
          ...node,
          network: evil,
          username: evil,
          addresses: [evil],
          peers: [{ ...node.peers[0]!, peerId: evil, address: evil }],
        }),
        services: async () => [
          { ...guestbook, version: evil, description: evil, trust: evil, published: evil, title: evil, address: evil },
          { ...guestbook, name: '../x' },
        ],
        functions: async () => [{ name: evil, kind: 'call', signature: evil, example: evil, doc: evil }],
        render: async () => evil,
      })
      for (const target of [
        '/',
        '/guestbook/-/functions',
        '/guestbook/',
        `/guestbook/${encodeURIComponent('"><script>')}`,
      ]) {
        const body = bodyOf(await get(port, target))
        assert.ok(body.includes('&lt;script&gt;'), target)
        assert.ok(!body.includes('<script'), target)
        assert.ok(!body.includes('../x'), target)
      }
    })

    it('bounds what it lists', async () => {
      const services = Array.from({ length: 500 }, (_, index) => ({
        ...guestbook,
        name: `s${index}`,
        description: 'x'.repeat(100_000),
      }))
      const body = bodyOf(await get(await serve({ services: async () => services }), '/'))
      assert.ok(body.includes('and 300 more services'))
      assert.ok(body.length < 500_000)
    })
  })

  describe('failing contracts', () => {
    const failures: [code: string, status: number, shown: string][] = [
      ['CONTRACT_THREW', 502, 'no post 7 &lt;b&gt;'],
      ['OUT_OF_GAS', 502, 'all the gas'],
      ['WATCHDOG', 504, 'ran for too long'],
      ['SOMETHING_NEW', 500, 'SOMETHING_NEW'],
    ]
    for (const [code, status, shown] of failures) {
      it(`says ${code} in words, and goes on`, async () => {
        const port = await serve({ render: () => Promise.reject(Object.assign(new Error('no post 7 <b>'), { code })) })
        const response = await get(port, '/guestbook/7')
        assert.equal(statusOf(response), status)
        assert.ok(bodyOf(response).includes(shown))
        assert.ok(bodyOf(response).includes('amigo call'), 'the functions are still shown')
        assert.equal(statusOf(await get(port, '/')), 200)
      })
    }

    it('does not wait for a render that never ends, and tells it so', async () => {
      const told = Promise.withResolvers<void>()
      const port = await serve(
        {
          render: (_name, _path, { signal }) =>
            new Promise(() => {
              signal.addEventListener('abort', () => told.resolve())
            }),
        },
        20,
      )
      const response = await get(port, '/guestbook/')
      assert.equal(statusOf(response), 504)
      assert.ok(bodyOf(response).includes('RENDER_TOO_SLOW'))
      await told.promise
    })

    it('takes only text of a bounded size', async () => {
      const texts: unknown[] = [{ toString: () => 'x' }, 'x'.repeat((1 << 20) + 1)]
      const port = await serve({ render: async () => texts.shift() as string })
      assert.ok(bodyOf(await get(port, '/guestbook/')).includes('MARKDOWN_NOT_TEXT'))
      assert.ok(bodyOf(await get(port, '/guestbook/')).includes('MARKDOWN_TOO_LARGE'))
    })

    it('lets a failing daemon answer without its secrets', async () => {
      const port = await serve({ services: () => Promise.reject(new Error('ENOENT /home/ana/key')) })
      const response = await get(port, '/')
      assert.equal(statusOf(response), 500)
      assert.ok(!response.includes('/home'))
    })
  })

  describe('hosts, methods, addresses', () => {
    it('answers under its own names and no others', async () => {
      const port = await serve()
      const hosts: [string, number][] = [
        [`127.0.0.1:${port}`, 200],
        [`LOCALHOST:${port}`, 200],
        [`[::1]:${port}`, 200],
        [`alice.amigos.localhost:${port}`, 200],
        [`${PEER_ID.toLowerCase()}.amigos.localhost:${port}`, 200],
        [`bob.amigos.localhost:${port}`, 421],
        [`evil.example:${port}`, 421],
        ['evil.example', 421],
        ['localhost', 421],
        [`localhost:${port + 1}`, 421],
        ['', 400],
      ]
      for (const [host, status] of hosts) assert.equal(statusOf(await get(port, '/', [`Host: ${host}`])), status, host)
    })

    it('wants exactly one Host', async () => {
      const port = await serve()
      assert.equal(statusOf(await get(port, '/', [])), 400)
      assert.equal(statusOf(await get(port, '/', [`Host: localhost:${port}`, 'Host: evil.example'])), 400)
      assert.equal(statusOf(await rawRequest(port, 'GET / HTTP/1.0\r\n\r\n')), 400)
    })

    it('takes no address with a host in the request line', async () => {
      const port = await serve()
      assert.equal(statusOf(await get(port, 'http://evil.example/')), 400)
      assert.equal(statusOf(await get(port, `http://localhost:${port}/`)), 400)
    })

    it('follows a username that is registered while it runs', async () => {
      let username: string | null = null
      const port = await serve({ node: async () => ({ ...node, username }) })
      assert.equal(statusOf(await get(port, '/', [`Host: ana.amigos.localhost:${port}`])), 421)
      username = 'ana'
      assert.equal(statusOf(await get(port, '/', [`Host: ana.amigos.localhost:${port}`])), 200)
    })

    it('is read only', async () => {
      const port = await serve()
      const host = `Host: localhost:${port}`
      for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH', 'PROPFIND']) {
        const response = await get(port, '/', [host, 'Content-Length: 0'], method)
        assert.equal(statusOf(response), 405, method)
        assert.equal(headerOf(response, 'Allow'), 'GET, HEAD')
      }
      const head = await get(port, '/', [host], 'HEAD')
      assert.equal(statusOf(head), 200)
      assert.equal(bodyOf(head), '')
      assert.ok(Number(headerOf(head, 'Content-Length')) > 1000)
      assert.equal(statusOf(await rawRequest(port, `GET / HTTP/1.1\r\n${host}\r\nContent-Length: 3\r\n\r\nabc`)), 413)
      assert.equal(await rawRequest(port, `CONNECT evil.example:443 HTTP/1.1\r\n${host}\r\n\r\n`), '')
    })

    it('refuses loads by other sites, and lets links from them in', async () => {
      const port = await serve()
      const host = `Host: localhost:${port}`
      assert.equal(statusOf(await get(port, '/', [host, 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Dest: iframe'])), 403)
      assert.equal(
        statusOf(await get(port, '/', [host, 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Dest: document'])),
        200,
      )
    })

    it('refuses long, broken and escaping addresses', async () => {
      const port = await serve()
      const targets: [string, number][] = [
        [`/${'a'.repeat(4096)}`, 414],
        [`/guestbook/${'a'.repeat(1025)}`, 414],
        [`/guestbook${'/a'.repeat(40)}`, 414],
        ['/guestbook/%', 400],
        ['/guestbook/%ff', 400],
        ['/guestbook/../x', 400],
        ['/guestbook/%2e%2e/x', 400],
        ['/guestbook/..%2fx', 400],
        ['/guestbook/..%5cx', 400],
        ['/guestbook/%00', 400],
        ['/guestbook/a%0d%0ab', 400],
      ]
      for (const [target, status] of targets)
        assert.equal(statusOf(await get(port, target)), status, target.slice(0, 40))
    })

    it('answers what is no HTTP, and headers without end, in words', async () => {
      const port = await serve()
      assert.equal(statusOf(await rawRequest(port, 'hello\r\n\r\n')), 400)
      assert.equal(statusOf(await get(port, '/', [`Host: localhost:${port}`, `X: ${'x'.repeat(10_000)}`])), 431)
    })

    it('sets its security headers on every answer', async () => {
      const port = await serve()
      const answers = await Promise.all([
        get(port, '/'),
        get(port, '/guestbook/'),
        get(port, '/guestbook'),
        get(port, '/icon.svg'),
        get(port, '/nobody/'),
        get(port, '/', ['Host: evil.example']),
        get(port, '/', undefined, 'DELETE'),
        rawRequest(port, 'hello\r\n\r\n'),
        get(port, '/', [`Host: localhost:${port}`, 'Expect: a miracle']),
        get(port, '/', [`Host: localhost:${port}`, 'Connection: Upgrade', 'Upgrade: websocket']),
      ])
      assert.deepEqual(answers.map(statusOf), [200, 200, 308, 200, 404, 421, 405, 400, 200, 200])
      for (const answer of answers) {
        const policy = headerOf(answer, 'Content-Security-Policy')
        assert.match(
          policy!,
          /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'$/,
        )
        assert.equal(headerOf(answer, 'X-Content-Type-Options'), 'nosniff')
        assert.equal(headerOf(answer, 'Referrer-Policy'), 'no-referrer')
        assert.equal(headerOf(answer, 'Cross-Origin-Opener-Policy'), 'same-origin')
        assert.equal(headerOf(answer, 'Cross-Origin-Resource-Policy'), 'same-origin')
        assert.equal(headerOf(answer, 'Cache-Control'), 'no-store')
        assert.equal(headerOf(answer, 'Access-Control-Allow-Origin'), undefined)
        assert.equal(headerOf(answer, 'Set-Cookie'), undefined)
      }
    })
  })

  describe('start and stop', () => {
    it('says who has the port', async () => {
      const other = createServer()
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
      ends.push(() => closed(other))
      const page = createPage({ source: createFakeSource() }, { port: (other.address() as { port: number }).port })
      await assert.rejects(
        page.start(),
        (error) => error instanceof PageError && error.code === 'PORT_IN_USE' && error.hint.includes('--http 0'),
      )
      assert.throws(() => page.url, { code: 'NOT_STARTED' })
      await page.stop()
    })

    it('listens on loopback alone, on ::1 where there is one', async () => {
      const port = await serve()
      const request = `GET / HTTP/1.1\r\nHost: [::1]:${port}\r\nConnection: close\r\n\r\n`
      const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
      for (const { address, internal, scopeid } of addresses) {
        const answered = await rawRequest(port, request, scopeid ? `${address}%${scopeid}` : address).then(
          (response) => statusOf(response) === 200,
          () => false,
        )
        assert.equal(answered, internal, address)
      }
    })

    it('starts once, stops any number of times, and starts again', async () => {
      const page = createPage({ source: createFakeSource() }, { port: 0 })
      ends.push(() => page.stop())
      await Promise.all([page.start(), page.start()])
      const port = portOf(page)
      assert.equal(statusOf(await get(port, '/')), 200)
      await Promise.all([page.stop(), page.stop()])
      await assert.rejects(get(port, '/'), { code: 'ECONNREFUSED' })
      await page.start()
      assert.equal(statusOf(await get(portOf(page), '/')), 200)
    })

    it('does not wait for a render when it stops', async () => {
      const asked = Promise.withResolvers<AbortSignal>()
      const page = createPage(
        {
          source: createFakeSource({ render: (_name, _path, { signal }) => new Promise(() => asked.resolve(signal)) }),
        },
        { port: 0 },
      )
      await page.start()
      const response = get(portOf(page), '/guestbook/').catch(() => '')
      const signal = await asked.promise
      await page.stop()
      assert.ok(signal.aborted)
      await response
    })
  })
})

function portOf(page: Page): number {
  return Number(new URL(page.url).port)
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}
