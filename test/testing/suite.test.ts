import assert from 'node:assert/strict'
import { CID } from 'multiformats/cid'
import { build } from '../../daemon/contract/build.ts'
import type { BuiltContract, ContractImport, ExportedFunction, ValueType } from '../../daemon/contract/types.ts'
import { createRunOne } from '../../daemon/testing/suite.ts'
import type { TestContext, TestOptions, TestResult } from '../../daemon/testing/types.ts'
import type { Vm } from '../../daemon/vm/types.ts'
import { createVm } from '../../daemon/vm/vm.ts'
import { inFolder } from '../contract/folder.ts'

const CONTRACT = `
import { callId, caller, owner, time } from 'amigos:context'
import { emit } from 'amigos:events'
import { get, put } from 'amigos:content'
import { importFunction } from 'amigos:imports'

const post = importFunction('alice.amigos.net/forum', 'post') as (text: string) => Promise<number>
const count = importFunction('alice.amigos.net/forum', 'count') as () => Promise<number>
let title = ''
let last: { who: string; at: Date } | undefined
let kept = ''

export function init(text: string = 'untitled'): void { title = text }
export function touch(): { who: string; at: Date } { last = { who: caller(), at: time() }; emit('touched', last.who); console.log('seen'); return last }
export function called(): string { return callId() }
export function ownerOnly(): string { return owner() }
/** @query */
export function seen(): { title: string; last: { who: string; at: Date } | undefined } { return { title, last } }
export async function share(texts: string[]): Promise<number[]> { return Promise.all(texts.map(text => post(text))) }
export async function careful(text: string): Promise<string> { try { return String(await post(text)) } catch (e) { return (e as { code: string }).code } }
/** @query */
export async function counted(): Promise<number> { return await count() }
export function keep(text: string): string { kept = put(Uint8Array.from(text, (char) => char.charCodeAt(0))); return kept }
export function kept_(): string { return String.fromCharCode(...get(kept)) }
/** @query */
export async function* numbers(to: number): AsyncGenerator<number> { for (let i = 0; i < to; i++) yield i }
/** @query */
export function list(): number[] { return [1] }
`

const fn = (name: string, kind: 'call' | 'query', params: ValueType[], result: ValueType): ExportedFunction => ({
  ...{ name, kind, returns: '', result, doc: '' },
  params: params.map((type, i) => ({ name: `p${i}`, text: type.kind, type, optional: false, rest: false })),
})
const ANY = CID.parse('bafyreidykglsfhoixmivffc5uwhcgshx4j465xwqntbmu43nb2dzqwfvae')
const FORUM: ContractImport = {
  ...{ name: 'alice.amigos.net/forum', range: '*', mode: 'live', version: '1.0.0', contract: ANY, service: ANY },
  functions: [
    fn('post', 'call', [{ kind: 'string' }], { kind: 'number' }),
    fn('count', 'query', [], { kind: 'number' }),
  ],
}

interface Contract {
  touch(): { who: string; at: Date }
  called(): string
  ownerOnly(): string
  seen(): { title: string; last?: { who: string; at: Date } }
  share(texts: string[]): number[]
  careful(text: string): string
  counted(): number
  keep(text: string): string
  kept_(): string
  numbers(to: number): number[]
  list(): number[]
}

describe('testing', function () {
  this.timeout(60_000)
  let vm: Vm
  let built: BuiltContract

  before(async () => {
    vm = createVm({}, { workers: 1 })
    const files = {
      'amigo.yaml': 'name: sample\nversion: 1.0.0\nmain: main.ts\naccess: { functions: { ownerOnly: owner } }\n',
      'main.ts': CONTRACT,
    }
    await inFolder(files, async (dir) => {
      built = { ...(await build(dir)), imports: [FORUM] }
    })
  })
  after(() => vm.stop())

  const signal = new AbortController().signal
  type Body = (context: TestContext<Contract>) => unknown
  const run = (body: Body, options: TestOptions = {}): Promise<Omit<TestResult, 'file'>> => {
    const test = { file: '/nowhere/sample.test.ts', name: 'sample', options, body: body as never }
    return createRunOne({ vm, contractOf: async () => built })(test, '/nowhere', { signal })
  }
  const passes = async (body: Body, options?: TestOptions): Promise<void> => {
    const { ok, error } = await run(body, options)
    assert.ok(ok, error?.message)
  }

  it('begins each test with a fresh instance, and with the arguments of init', async () => {
    for (let i = 0; i < 2; i++)
      await passes(
        async ({ contract }) => {
          assert.deepEqual(await contract.seen(), { title: 'mine' })
          await contract.touch()
        },
        { init: ['mine'] },
      )
    assert.equal((await run(() => {}, { init: [1] })).error?.code, 'BAD_ARGUMENTS')
  })

  it('gives each call an ID of its own, and a question none', () =>
    passes(async ({ contract }) => {
      const ids = [await contract.called(), await contract.called()]
      assert.equal(new Set(ids).size, 2)
      assert.equal((await contract.$query('called', [])).result, '')
    }))

  it('begins with a state, as amigo state prints it', async () => {
    const state = { title: 'taken over', last: null, kept: '' }
    const seen: Body = async ({ contract }) => assert.equal((await contract.seen()).title, 'taken over')
    await passes(seen, { state })
    await passes(seen, { state: { state, commit: 'bafy', seq: 1 } })
    await passes(async ({ start, mock, contract }) => {
      const other = await start<Contract>('../other', { state })
      mock('alice.amigos.net/forum', { count: async () => (await other.contract.seen()).title.length })
      assert.equal(await contract.counted(), 10)
    })
    assert.equal((await run(() => {}, { state: { '/': 1 } })).error?.code, 'ARGUMENTS_NOT_VALUES')
  })

  it('sets who calls and when', () =>
    passes(async ({ contract, as, user, owner, setTime }) => {
      assert.deepEqual(await contract.touch(), { who: owner, at: new Date('2026-01-01T00:00:00Z') })
      setTime(new Date('2026-02-01T00:00:00Z'))
      setTime(new Date('2025-01-01T00:00:00Z'))
      const { result, events, logs } = await as('alice').$call('touch', [])
      assert.deepEqual(result, { who: user('alice'), at: new Date('2026-02-01T00:00:00Z') })
      assert.deepEqual(events, [{ name: 'touched', value: user('alice') }])
      assert.deepEqual(logs, ['seen'])
      assert.match(user('alice'), /^k51/)
      assert.equal((await as(user('bob')).touch()).who, user('bob'))
    }))

  it('lets nobody do what the manifest does not, and takes no arguments of other types', () =>
    passes(async ({ contract, as, owner }) => {
      assert.equal(await contract.ownerOnly(), owner)
      await assert.rejects(as('eve').ownerOnly(), { code: 'ACCESS_DENIED', outcome: 'refused' })
      await assert.rejects(contract.keep(7 as never), { code: 'BAD_ARGUMENTS' })
      await assert.rejects(contract.$call('missing' as 'touch', []), { code: 'NO_SUCH_FUNCTION' })
    }))

  it('puts back what a question changes, and what fails', () =>
    passes(async ({ contract, state }) => {
      await contract.$query('touch', [])
      assert.equal((await contract.seen()).last, undefined)
      assert.equal(await state('title'), 'untitled')
    }))

  it('answers imports by functions, and their failures by what they throw', () =>
    passes(async ({ contract, mock }) => {
      const posted: string[] = []
      mock('alice.amigos.net/forum', {
        post(text: string) {
          if (text === 'bad') throw Object.assign(new Error('no'), { code: 'ACCESS_DENIED' })
          return posted.push(text)
        },
        count: async () => posted.length,
      })
      assert.deepEqual(await contract.share(['a', 'b']), [1, 2])
      assert.equal(await contract.counted(), 2)
      assert.equal(await contract.careful('bad'), 'ACCESS_DENIED')
      await assert.rejects(contract.share(['bad']), {
        code: 'CONTRACT_THREW',
        message: /post of alice\.amigos\.net\/forum: ACCESS_DENIED: no/,
      })
      assert.deepEqual(posted, ['a', 'b'])
    }))

  it('answers imports by what was recorded, once each', () =>
    passes(async ({ contract, answers }) => {
      answers('alice.amigos.net/forum', [
        { method: 'post', args: ['second'], result: 2 },
        { method: 'post', result: 1 },
        { method: 'post', code: 'CALL_BUSY', message: 'later' },
      ])
      assert.deepEqual(await contract.share(['first', 'second']), [1, 2])
      assert.equal(await contract.careful('third'), 'CALL_BUSY')
      await assert.rejects(contract.careful('fourth'), { code: 'NOT_MOCKED' })
    }))

  it('answers imports by what a commit recorded', () =>
    passes(async ({ contract, answers }) => {
      const about = { service: ANY.toString(), gas: 9, commit: null }
      answers('alice.amigos.net/forum', [
        { ...about, method: null, ok: true, code: null, result: 5 },
        { ...about, method: 'post', ok: false, code: 'ACCESS_DENIED', message: 'no' },
      ] as never)
      assert.equal(await contract.counted(), 5)
      assert.equal(await contract.careful('x'), 'ACCESS_DENIED')
    }))

  it('says when a mock is missing, or gives what the interface does not promise', () =>
    passes(async ({ contract, mock }) => {
      await assert.rejects(contract.careful('x'), { code: 'NOT_MOCKED' })
      mock('alice.amigos.net/forum', { post: () => 'text' })
      await assert.rejects(contract.careful('x'), { code: 'MOCK_INVALID' })
      await assert.rejects(contract.counted(), { code: 'NOT_MOCKED' })
      assert.throws(() => mock('bob.amigos.net/else', {}), { code: 'NOT_MOCKED' })
    }))

  it('puts another contract in the place of an import', () =>
    passes(async ({ start, mock, contract }) => {
      const other = await start<Contract>('../other')
      mock('alice.amigos.net/forum', { count: async () => (await other.contract.list()).length })
      assert.equal(await contract.counted(), 1)
      await other.contract.touch()
      assert.equal((await contract.seen()).last, undefined)
    }))

  it('has content, and items one by one', () =>
    passes(async ({ contract }) => {
      assert.match(await contract.keep('hello'), /^bafk/)
      assert.equal(await contract.kept_(), 'hello')
      const found: number[] = []
      for await (const item of contract.$stream('numbers', [3])) found.push(item)
      assert.deepEqual(found, [0, 1, 2])
      await assert.rejects(contract.$stream('list').next(), { code: 'NOT_A_STREAM' })
      await assert.rejects(contract.$subscribe().next(), { code: 'NOT_SUPPORTED' })
    }))

  it('tells how a test failed', async () => {
    const { ok, error } = await run(() => assert.equal(1, 2))
    assert.equal(ok, false)
    assert.equal(error?.code, 'ERR_ASSERTION')
  })
})
