import assert from 'node:assert/strict'
import { request } from 'node:http'
import { createDoor } from '../../daemon/door/door.ts'
import { originIn } from '../../daemon/door/gate.ts'
import type { ProgramSource } from '../../daemon/door/types.ts'
import { createPage, type Page } from '../../daemon/page/page.ts'
import { createFakeSource } from '../page/fake-source.ts'

const ORIGIN = 'http://localhost:5173'
const JSON_TYPE = 'application/json'

const nobody = () => Promise.reject(new Error('not asked for'))
const source: ProgramSource = {
  describe: async ({ name }) => ({ name, service: 's', version: '1.0.0', network: 'n', peerId: 'p', functions: [] }),
  head: nobody,
  call: nobody,
  query: nobody,
  stream: async (_, { onItem }) => {
    for (const item of [1, 2]) await onItem({ item } as never)
    throw Object.assign(new Error('it ended.'), { code: 'STREAM_CLOSED', hint: '' })
  },
  subscribe: nobody,
}

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

describe('door', () => {
  let page: Page
  const lines: string[] = []

  before(async () => {
    const log = (line: string): void => void lines.push(line)
    page = createPage(
      { source: createFakeSource({}), programs: createDoor({ source, log }, { origins: [ORIGIN] }) },
      { port: 0 },
    )
    await page.start()
  })
  after(() => page.stop())

  function ask(
    path: string,
    body: string,
    headers: Record<string, string | string[]>,
    method = 'POST',
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const asked = request(new URL(path, page.url), { method, headers }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }))
      })
      asked.on('error', reject)
      asked.end(body)
    })
  }
  const describeBody = '{"name":"x"}'
  const usual = { origin: ORIGIN, 'content-type': JSON_TYPE }
  const codeOf = ({ text }: Answer): string => JSON.parse(text).error.code

  it('answers programs of the origins that were named, and those alone can read it', async () => {
    const answer = await ask('/-/v1/describe', describeBody, usual)
    assert.equal(answer.status, 200)
    assert.equal(JSON.parse(answer.text).name, 'x')
    assert.equal(answer.headers['access-control-allow-origin'], ORIGIN)
    assert.equal(answer.headers['vary'], 'Origin')
    assert.equal(answer.headers['access-control-allow-credentials'], undefined)
  })

  it('tells a browser beforehand what may be sent', async () => {
    const answer = await ask('/-/v1/call', '', { origin: ORIGIN, 'access-control-request-method': 'POST' }, 'OPTIONS')
    assert.equal(answer.status, 204)
    assert.equal(answer.headers['access-control-allow-methods'], 'POST')
    const other = await ask('/-/v1/call', '', { origin: 'https://evil.example' }, 'OPTIONS')
    assert.equal(other.status, 403)
    assert.equal(other.headers['access-control-allow-origin'], undefined)
  })

  it('refuses others before anything is read, and says so once in the log', async () => {
    const origins = [
      undefined,
      'null',
      'https://evil.example',
      'http://localhost:51730',
      'HTTP://LOCALHOST:5173',
      `${ORIGIN}/`,
    ]
    for (const origin of [...origins, [ORIGIN, ORIGIN]]) {
      const answer = await ask('/-/v1/describe', describeBody, { 'content-type': JSON_TYPE, ...(origin && { origin }) })
      assert.deepEqual([answer.status, codeOf(answer)], [403, 'CROSS_SITE'], String(origin))
      assert.equal(answer.headers['access-control-allow-origin'], undefined)
    }
    await ask('/-/v1/describe', describeBody, { origin: 'https://evil.example' })
    assert.equal(lines.filter((line) => line.includes('https://evil.example')).length, 1)
  })

  it('refuses what a form could send, other methods, other hosts, and what it does not know', async () => {
    const asked = async (headers: object, path = '/-/v1/describe', body = describeBody, method = 'POST') => {
      const answer = await ask(path, body, { ...usual, ...headers } as never, method)
      return `${answer.status} ${codeOf(answer)}`
    }
    assert.equal(await asked({ 'content-type': 'text/plain' }), '400 BAD_REQUEST')
    assert.equal(await asked({}, '/-/v1/describe', '', 'PUT'), '405 METHOD_NOT_ALLOWED')
    assert.equal(await asked({}, '/-/v1/status'), '404 NO_SUCH_METHOD')
    assert.equal(await asked({}, '/-/v1/describe/x'), '404 NO_SUCH_METHOD')
    assert.equal(await asked({}, '/-/v1/describe', '{"name":"x","more":1}'), '400 BAD_REQUEST')
    assert.equal(await asked({}, '/-/v1/describe', '{'), '400 BAD_REQUEST')
    assert.equal(
      await asked({}, '/-/v1/query', `{"name":"x","method":"y","args":${'['.repeat(200)}`),
      '400 BAD_REQUEST',
    )
    assert.equal(
      await asked({}, '/-/v1/call', `{"name":"x","envelope":"${'A'.repeat(1_600_000)}"}`),
      '413 BODY_TOO_LARGE',
    )
    const host = await ask('/-/v1/describe', describeBody, { ...usual, host: 'evil.example' })
    assert.equal(host.headers['access-control-allow-origin'], undefined)
    assert.notEqual(host.status, 200)
  })

  it('answers item by item, and says at the end what went wrong', async () => {
    const answer = await ask('/-/v1/stream', '{"name":"x","method":"y","args":[]}', usual)
    assert.equal(answer.headers['content-type'], 'application/x-ndjson')
    const found = answer.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.deepEqual(found.slice(0, 2), [{ item: { item: 1 } }, { item: { item: 2 } }])
    assert.equal(found[2].error.code, 'STREAM_CLOSED')
  })

  it('tells nobody of what nobody foresaw', async () => {
    const answer = await ask('/-/v1/subscribe', describeBody, usual)
    assert.deepEqual([answer.status, codeOf(answer)], [500, 'INTERNAL'])
    assert.doesNotMatch(answer.text, /not asked for/)
  })

  it('is not there where no origin was named', async () => {
    const other = createPage({ source: createFakeSource({}) }, { port: 0 })
    await other.start()
    const response = await fetch(new URL('/-/v1/describe', other.url), { method: 'POST', body: describeBody })
    assert.equal(response.status, 405)
    await other.stop()
  })

  it('reads origins in their one form', () => {
    assert.equal(originIn('http://localhost:5173'), ORIGIN)
    assert.equal(originIn('HTTPS://App.Example/'), 'https://app.example')
    for (const word of ['', 'null', '*', 'localhost:5173', 'http://a/b', 'http://a?x', 'file:///x', 'http://u:p@a'])
      assert.equal(originIn(word), undefined, word)
  })
})
