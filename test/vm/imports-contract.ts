import type { Asked, VectorAnswer } from './vectors.ts'

/** A contract that asks its imports in all the ways there are. */
export const IMPORTS_CONTRACT = `
  import { ImportError, importFunction } from 'amigos:imports'
  import { gasLeft } from 'amigos:context'
  const post = importFunction('alice.amigos.net/forum', 'createPost')
  const other = importFunction('bob.amigos.net/comments', 'add')
  let posts = 0, seen = []
  export const count = () => posts
  export const createPost = async (...args) => { posts++; return await post(...args) }
  export const three = async () => { const a = post('a'), b = other('b'), c = post('c'); return [await c, await b, await a] }
  export const inTurn = async n => { const found = []; for (let i = 0; i < n; i++) found.push(await post(i)); return found }
  export const dropped = () => { post('dropped'); return 'done' }
  export const droppedThenMore = () => { post('first').then(() => { other('second').then(() => { posts = 7 }) }); return 'done' }
  export const careful = async () => {
    try { await post('x') } catch (e) {
      return [e instanceof ImportError, e instanceof Error, e.name, e.code, e.service, e.method, e.message, String(e), Object.keys(e)]
    }
  }
  export const many = async n => {
    const all = []
    for (let i = 0; i < n; i++) all.push(post(i))
    return (await Promise.allSettled(all)).map(s => s.status === 'fulfilled' ? s.value : s.reason.name + ': ' + s.reason.message)
  }
  export const odd = js => post((0, eval)(js))
  export const large = async size => { try { return await post('x'.repeat(size)) } catch (e) { return e.name } }
  export const burn = async n => { for (let i = 0; i < n; i++); await post(n); return gasLeft() }
  export const failsBeside = async () => { post('lost'); throw new Error('no') }
  export const never = async () => { await post(1); await new Promise(() => {}) }
  export const names = () => [post.name, typeof post, post() instanceof Promise]
  export const make = (a, b) => { importFunction(a, b) }
  export const items = async function* () { yield 1; yield await post('item'); yield 3 }
  export const nested = async () => { const first = await post(1); return Promise.all([post(first), other(first)]) }
  const plans = {
    ask: ({ n }) => post(n),
    all: ({ of }) => Promise.all(of.map(go)),
    seq: async ({ of }) => { const out = []; for (const one of of) out.push(await go(one)); return out },
    drop: ({ of }) => { for (const one of of) void go(one); return null },
    guard: async ({ of }) => { try { return await plans.all({ of }) } catch (e) { seen.push(e.code); return e.message } },
    note: ({ n }) => { seen.push(n); return seen.length },
  }
  const go = plan => plans[plan.do](plan)
  export const follow = async plan => [await go(plan), String(gasLeft())]
`

export function importsSteps(): Asked[] {
  const good = (result: string, gas = '1000'): VectorAnswer => ({ ok: true, result, gas })
  const bad = (code: string, message: string): VectorAnswer => ({ ok: false, code, message, gas: '70' })
  const step = (method: string, args: unknown[], answers: VectorAnswer[], gasLimit = 10_000_000): Asked => ({
    ...{ how: 'call', method, args: JSON.stringify(args), gasLimit: String(gasLimit) },
    ...(answers.length > 0 && { answers }),
  })
  const asked = step('createPost', ['Hi', { '/': { bigint: '2' } }], [])
  const plan = {
    do: 'seq',
    of: [
      { do: 'ask', n: 1 },
      { do: 'guard', of: [{ do: 'ask', n: 2 }] },
      { do: 'note', n: 3 },
    ],
  }
  return [
    asked,
    { ...asked, how: 'query' },
    { ...asked, answers: [good('{"id":7,"at":{"/":{"date":"2026-01-01T00:00:00.000Z"}}}')] },
    { ...asked, answers: [bad('ACCESS_DENIED', 'you may not')] },
    { ...asked, answers: [good('1', '9999999')] },
    { ...asked, answers: [good('1'), good('2')] },
    step('three', [], []),
    step('three', [], [good('1'), good('2')]),
    step('three', [], [good('1', '0'), good('"two"', '5000'), good('[3]', '1')]),
    step('inTurn', [3], [good('1'), good('2')]),
    step('inTurn', [3], [good('1'), good('2'), good('3')]),
    step('dropped', [], []),
    step('dropped', [], [bad('GONE', 'nobody hears of it')]),
    step('droppedThenMore', [], [good('1')]),
    step('droppedThenMore', [], [good('1'), good('2')]),
    step('careful', [], [bad('SERVICE_BUSY', 'not now')]),
    step('careful', [], [good('{"/":{"nothing":1}}')]),
    step('careful', [], [good('not json')]),
    step('many', [66], []),
    step('many', [3], [good('1'), bad('NO', 'no'), good('3')]),
    step('burn', [1000], [good('1')]),
    step('burn', [5000], [], 600_000),
    step('failsBeside', [], []),
    step('never', [], [good('1')]),
    step('items', [], [good('2')]),
    step('follow', [plan], [good('1')]),
    step('follow', [plan], [good('1'), bad('NO', 'no')]),
    step('count', [], []),
  ]
}
