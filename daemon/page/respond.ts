import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Answer, htmlAnswer } from './answer.ts'
import { SOURCE_MS } from './constants.ts'
import { within } from './deadline.ts'
import { PageError } from './errors.ts'
import { refusal } from './gate.ts'
import { securityHeaders } from './headers.ts'
import { isAmong, loopbackHosts, ownHosts } from './hosts.ts'
import { problemPage } from './problem-page.ts'
import { requestProblem, toProblem } from './problems.ts'
import { type RouteComponents, routes } from './routes.ts'
import { parseTarget } from './target.ts'

/** Answers one request, whatever happens. `signal` ends when the server stops or the client goes away. */
export async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  port: number,
  components: RouteComponents,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const answer = await answerTo(request, port, components, { signal }).catch((error: unknown) =>
    // nobody is left to be told
    response.destroyed ? undefined : failed(error, components),
  )
  if (answer === undefined || response.destroyed) return
  const body = Buffer.from(answer.body)
  const length = { 'Content-Length': String(body.length) }
  // after a refused request the rest of the connection is not worth reading
  const close = answer.status === 400 || answer.status === 405 || answer.status === 413 ? { Connection: 'close' } : {}
  response.writeHead(answer.status, { ...securityHeaders, ...answer.headers, ...length, ...close })
  response.end(request.method === 'HEAD' ? undefined : body)
}

async function answerTo(
  request: IncomingMessage,
  port: number,
  components: RouteComponents,
  options: { signal: AbortSignal },
): Promise<Answer> {
  const hosts = request.headersDistinct.host ?? []
  const code = refusal({
    method: request.method ?? '',
    hosts,
    fetchSite: request.headers['sec-fetch-site']?.toString(),
    fetchDest: request.headers['sec-fetch-dest']?.toString(),
    hasBody: 'transfer-encoding' in request.headers || (request.headers['content-length'] ?? '0') !== '0',
  })
  if (code !== undefined) throw new PageError(code, 'the request is refused')
  if (!(await isOurs(hosts[0]!, port, components, options)))
    throw new PageError('HOST_UNKNOWN', 'not a name of this node')
  const segments = parseTarget(request.url ?? '')
  const route = routes.find(({ matches }) => matches(segments))
  if (route === undefined) throw new PageError('NO_SUCH_PAGE', 'no such page')
  return route.answer(segments, components, options)
}

/** Whether a request names exactly one host, and one of this node. */
export async function isForOurs(
  request: IncomingMessage,
  port: number,
  components: RouteComponents,
  options: { signal: AbortSignal },
): Promise<boolean> {
  const [host, ...others] = request.headersDistinct.host ?? []
  if (host === undefined || others.length > 0 || options.signal.aborted) return false
  return isOurs(host, port, components, options)
}

async function isOurs(
  host: string,
  port: number,
  { source }: RouteComponents,
  { signal }: { signal: AbortSignal },
): Promise<boolean> {
  if (isAmong(host, loopbackHosts(port))) return true
  // asked anew each time: a username may be registered, or lapse, while the node runs
  const late = () => new PageError('NODE_TOO_SLOW', 'the node is slow')
  return isAmong(host, ownHosts(await within({ ms: SOURCE_MS, signal, late }, () => source.node()), port))
}

function failed(error: unknown, { log }: RouteComponents): Answer {
  const problem = toProblem(error)
  if (problem.status === 500) log(`page failed: ${problem.code}`)
  const allow: Record<string, string> = problem.status === 405 ? { Allow: 'GET, HEAD' } : {}
  return htmlAnswer(problem.status, problemPage(problem), allow)
}

/** The whole answer, as bytes for the socket, to what was no HTTP request. */
export function malformedAnswer(reason: string | undefined): string {
  const code = MALFORMED.get(reason ?? '') ?? 'REQUEST_MALFORMED'
  const problem = requestProblem(code)
  const { headers, body } = htmlAnswer(problem.status, problemPage(problem))
  const all = { ...securityHeaders, ...headers, 'Content-Length': String(Buffer.byteLength(body)), Connection: 'close' }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${problem.status} ${problem.title}\r\n${lines.join('')}\r\n${body}`
}

const MALFORMED: ReadonlyMap<string, 'HEADERS_TOO_LARGE' | 'REQUEST_TOO_SLOW'> = new Map([
  ['HPE_HEADER_OVERFLOW', 'HEADERS_TOO_LARGE'],
  ['ERR_HTTP_REQUEST_TIMEOUT', 'REQUEST_TOO_SLOW'],
])
