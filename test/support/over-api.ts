import { createClient } from '../../daemon/api/client.ts'
import { exitClassOf } from '../../daemon/api/exit-class.ts'
import type { Json, Method, Params } from '../../daemon/api/vocabulary.ts'
import type { Ran, RunningNode } from './amigo.ts'

/** What the command line would ask the daemon, for the verbs that do little else. */
const ASKED: { readonly [verb: string]: (words: string[]) => { [M in Method]: [M, Params<M>] }[Method] | undefined } = {
  id: () => ['status', {}],
  status: () => ['status', {}],
  resolve: ([name = '']) => ['resolve', { name }],
  verify: ([name = '']) => ['verify', { name }],
  log: ([name = '']) => ['log', { name }],
  call: ([name = '', method = '', ...args]) => ['call', { name, method, args: args.map(readArgument) }],
  query: ([name = '', method = '', ...args]) => ['query', { name, method, args: args.map(readArgument) }],
  chat: ([to = '', text = '']) => ['chat', { to, text }],
  register: ([username = '', flag, user]) => {
    const action = flag?.slice(2) as 'renew' | 'transfer' | 'release' | undefined
    if (flag === '--timeout') return ['register', { username }]
    return ['register', { username, ...(action && { action }), ...(user === undefined ? {} : { user }) }]
  },
}

/** The same node, asked over its socket where no process of the command line is needed: that takes a tenth of the time. */
export function overApi(node: RunningNode): RunningNode {
  const client = createClient({ home: node.info.home })
  const attempt = async (...words: string[]): Promise<Ran> => {
    const [verb = '', ...rest] = words
    const asked = ASKED[verb]?.(rest)
    if (asked === undefined) return node.try(...words)
    try {
      const [method, params] = asked
      return ran(0, await client.request(method, params))
    } catch (error) {
      const { code, message, hint } = error as { code: string; message: string; hint: string }
      return ran(exitClassOf(code), { error: { code, message, hint } })
    }
  }
  return {
    ...node,
    try: attempt,
    async run<T>(...words: string[]) {
      const { code, stdout, json } = await attempt(...words)
      if (code === 0) return json<T>()
      throw new Error(`${words.join(' ')} failed (${code}): ${stdout}`)
    },
  }
}

function ran(code: number, value: unknown): Ran {
  const stdout = JSON.stringify(value)
  return { code, stdout, stderr: '', json: () => JSON.parse(stdout) }
}

const readArgument = (word: string): Json => JSON.parse(word)
