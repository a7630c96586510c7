import {
  MAX_ADDRESS_CHARS,
  MAX_ARGUMENTS,
  MAX_BLOCK_CHARS,
  MAX_BLOCKS,
  MAX_CHAT_CHARS,
  MAX_CHECKPOINTS,
  MAX_CID_CHARS,
  MAX_FUNCTION_CHARS,
  MAX_GRAPH_DEPTH,
  MAX_INBOX_PAGE,
  MAX_INVITE_CHARS,
  MAX_KEY_CHARS,
  MAX_LINE_CHARS,
  MAX_LOG_PAGE,
  MAX_MESSAGE_ID_CHARS,
  MAX_NAME_CHARS,
  MAX_PATH_KEYS,
  MAX_PINGS,
  MAX_TIME_CHARS,
  MAX_TIMEOUT_MS,
} from './constants.ts'
import {
  boolean,
  type Check,
  either,
  type Field,
  integer,
  json,
  list,
  optional,
  record,
  required,
  text,
  withOneOf,
  withoutBoth,
  word,
} from './shapes.ts'
import type { Method, Params, Streamed } from './vocabulary.ts'

const name = text({ max: MAX_NAME_CHARS })
const cid = text({ max: MAX_CID_CHARS, pattern: /^[A-Za-z0-9]+$/, what: 'is not a CID' })
const gas = integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
const method = text({ max: MAX_FUNCTION_CHARS })
const args = list(json(), { max: MAX_ARGUMENTS })
const timeoutMs = optional(integer({ min: 1, max: MAX_TIMEOUT_MS }))

const base64 = text({
  min: 0,
  max: MAX_BLOCK_CHARS,
  pattern: /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
  what: 'is not base64',
})
const block = record({ cid: required(cid), bytes: required(base64) })
const contract = record({ blocks: required(list(block, { min: 1, max: MAX_BLOCKS })) })

const timeText = text({
  max: MAX_TIME_CHARS,
  pattern: /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/,
  what: 'is not a time in ISO 8601',
})
const time: Check = (value, path) =>
  timeText(value, path) ?? (Number.isNaN(Date.parse(value as string)) ? `${path} is no time that exists` : undefined)
const keep = either(
  "'all', {checkpoints} or {since}",
  word('all'),
  record({ checkpoints: required(integer({ min: 1, max: MAX_CHECKPOINTS })) }),
  record({ since: required(time) }),
)
const key = text({ min: 0, max: MAX_KEY_CHARS })
const line = text({ min: 0, max: MAX_LINE_CHARS })

const marking = { name: required(name), message: optional(line), undo: optional(boolean()), timeoutMs }

type KeysOf<T> = T extends unknown ? keyof T : never

/** The compiler asks for each parameter of each method in vocabulary.ts. */
type Fields = { [M in Method]: { [K in KeysOf<Params<M>>]-?: Field } }

const FIELDS: Fields = {
  status: { timeoutMs },
  down: { timeoutMs },
  push: { contract: required(contract), timeoutMs },
  serve: {
    contract: required(contract),
    as: optional(name),
    init: optional(json()),
    force: optional(boolean()),
    timeoutMs,
  },
  publish: {
    contract: required(either('a contract, or the name of a service', contract, name)),
    as: optional(name),
    version: optional(name),
    init: optional(json()),
    force: optional(boolean()),
    timeoutMs,
  },
  describe: { name: required(name), timeoutMs },
  call: {
    name: required(name),
    method: required(method),
    args: required(args),
    gas: optional(gas),
    trace: optional(boolean()),
    timeoutMs,
  },
  query: {
    name: required(name),
    method: required(method),
    args: required(args),
    at: optional(cid),
    gas: optional(gas),
    trace: optional(boolean()),
    timeoutMs,
  },
  stream: {
    name: required(name),
    method: required(method),
    args: required(args),
    at: optional(cid),
    gas: optional(gas),
    timeoutMs,
  },
  subscribe: {
    name: required(name),
    from: optional(integer({ min: 0, max: Number.MAX_SAFE_INTEGER })),
    timeoutMs,
  },
  head: { name: required(name), timeoutMs },
  log: {
    name: required(name),
    limit: optional(integer({ min: 1, max: MAX_LOG_PAGE })),
    before: optional(cid),
    timeoutMs,
  },
  show: { commit: required(cid), timeoutMs },
  state: { name: required(name), path: optional(list(key, { max: MAX_PATH_KEYS })), at: optional(cid), timeoutMs },
  usage: { name: required(name), timeoutMs },
  graph: { name: required(name), depth: optional(integer({ min: 1, max: MAX_GRAPH_DEPTH })), timeoutMs },
  diff: { a: required(name), b: required(name), timeoutMs },
  fork: {
    name: required(name),
    as: required(name),
    at: optional(cid),
    logical: optional(boolean()),
    timeoutMs,
  },
  merge: { name: required(name), timeoutMs },
  verify: { name: optional(name), from: optional(cid), receipt: optional(json()), timeoutMs },
  upgrade: {
    name: required(name),
    contract: required(contract),
    dryRun: optional(boolean()),
    force: optional(boolean()),
    timeoutMs,
  },
  rollback: { name: required(name), commit: required(cid), timeoutMs },
  prune: { name: required(name), keep: required(keep), timeoutMs },
  contract: {
    name: required(name),
    mode: optional(word('live', 'code', 'fork')),
    invite: optional(text({ max: MAX_INVITE_CHARS })),
    timeoutMs,
  },
  pull: {
    name: required(name),
    verify: optional(boolean()),
    check: optional(boolean()),
    upstream: optional(boolean()),
    timeoutMs,
  },
  resolve: { name: required(name), timeoutMs },
  yank: marking,
  deprecate: marking,
  remove: { name: required(name), timeoutMs },
  unpublish: { name: required(name), timeoutMs },
  register: {
    username: required(name),
    action: optional(word('register', 'renew', 'transfer', 'release')),
    user: optional(name),
    timeoutMs,
  },
  petname: { name: optional(name), user: optional(name), remove: optional(boolean()), timeoutMs },
  page: { name: optional(name), remove: optional(boolean()), timeoutMs },
  release: { version: optional(name), timeoutMs },
  networks: {
    add: optional(text({ max: MAX_INVITE_CHARS })),
    as: optional(name),
    remove: optional(name),
    timeoutMs,
  },
  network: { timeoutMs },
  follow: { name: required(name), stop: optional(boolean()), timeoutMs },
  following: { timeoutMs },
  key: { change: optional(boolean()), timeoutMs },
  peers: { timeoutMs },
  ping: { name: required(name), count: optional(integer({ min: 1, max: MAX_PINGS })), timeoutMs },
  connect: { address: required(text({ max: MAX_ADDRESS_CHARS })), timeoutMs },
  chat: { to: required(name), text: required(text({ max: MAX_CHAT_CHARS })), timeoutMs },
  inbox: {
    markRead: optional(boolean()),
    limit: optional(integer({ min: 1, max: MAX_INBOX_PAGE })),
    before: optional(text({ max: MAX_MESSAGE_ID_CHARS })),
    with: optional(name),
    timeoutMs,
  },
}

const CHECKS: ReadonlyMap<string, Check> = new Map([
  ...Object.entries(FIELDS).map(([method, fields]): [string, Check] => [method, record(fields)]),
  ['verify', withoutBoth(withOneOf(record(FIELDS.verify), ['name', 'receipt']), 'receipt', 'from')],
])

/** Those that answer item by item: only in lines. */
const STREAMED: ReadonlySet<string> = new Set<Streamed>(['stream', 'subscribe'])

/** Whether items come before the answer. */
export function isStreamed(method: Method): method is Streamed {
  return STREAMED.has(method)
}

/** Those that answer even when the daemon takes no other request. */
const URGENT: ReadonlySet<Method> = new Set<Method>(['status', 'down'])

/** Whether the local API has a method of this name. */
export function isMethod(word: string): word is Method {
  return CHECKS.has(word)
}

/** Whether a method is answered even when as many requests are running as may: one that says how the node is, or stops it. */
export function isUrgent(method: Method): boolean {
  return URGENT.has(method)
}

/** What is wrong with the parameters of this method, naming the field; undefined if nothing is. */
export function checkParams(method: Method, params: unknown): string | undefined {
  return CHECKS.get(method)?.(params, '')
}
