/** A daemon's face for the page, made of plain values. */
import type {
  PageCommit,
  PageFunction,
  PageGraph,
  PageGraphItem,
  PageHistory,
  PageNode,
  PageRules,
  PageService,
  PageSource,
  PageState,
} from '../../daemon/page/types.ts'

export const PEER_ID = '12D3KooWBmAwcd4PJNJvfV89HwE48nwkRmAgo8Vy3uQEyNNHBox2'
export const USER_ID = 'k51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozksxel2r'

const QUIET = { relayed: false, roundTripMs: null, sent: { bytes: 0 }, received: { bytes: 0 } }

export const node: PageNode = {
  peerId: PEER_ID,
  user: USER_ID,
  username: 'alice',
  command: 'amigo',
  network: 'amigos',
  addresses: [`/ip4/192.168.1.20/tcp/4150/p2p/${PEER_ID}`, `/ip4/127.0.0.1/tcp/4150/p2p/${PEER_ID}`],
  uptime: 11_000,
  peers: [
    { peerId: '12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust', address: '/ip4/203.0.113.7/tcp/4150', ...QUIET },
    { peerId: '12D3KooWDMCQbZZvLgHiHntG1KwcHoqHPAxL37KvhgibWqFtpqUY', address: '/ip6/2001:db8::17/tcp/4150', ...QUIET },
  ],
}

export const guestbook: PageService = {
  ...{ name: 'guestbook', title: 'guestbook', address: 'local.land/_/guestbook' },
  service: 'bafyreigq4zsipbk5w3uqkbmh2w2633c5tcql4ixu3s6xsbdvlqrc2cahbq',
  contract: 'bafyreib6ba6oakwqzsg4vv6sogb7yysu5yqqe7dqth7i3pk4c6v4q2j3mq',
  version: '1.2.0',
  description: 'Sign your name & say hello.',
  commit: 'bafyreia3qmqb3z6cbn2y4ryqpmvzs3u6jlo5f6nqs5s5v4u6wq4cfzybte',
  seq: 42,
  trust: 'replayed',
  published: `~${USER_ID}/guestbook`,
}

export const chess: PageService = {
  ...guestbook,
  ...{ name: 'chess', title: 'chess', address: 'local.land/_/chess' },
  version: '0.3.1',
  description: 'A board for two, with every move in the history.',
  seq: 7,
  trust: 'signed',
}

export const functions: PageFunction[] = [
  {
    name: 'sign',
    kind: 'call',
    signature: '(name: string, text: string): number',
    example: `'name' 'text'`,
    doc: 'Adds an entry and gives its number.\nA name may sign as often as it likes.',
  },
  {
    name: 'latest',
    kind: 'query',
    signature: '(count?: number): { name: string; text: string; at: Date }[]',
    example: '',
    doc: 'The newest entries, newest first.',
  },
]

export const MARKDOWN = `# Guestbook

Three people were **here**. Read [the rules](/rules), the [second page](page/2) or [about Amigos](https://example.org/).

## Entries

| name | said | when |
| --- | --- | ---: |
| Ana | Hola a todos, what a lovely little place this is. | today |
| Björn | \`2 + 2 = 4\`, still. | yesterday |
| 明 | 你好 | in May |

> Be kind, and sign once.

1. Write your name.
2. Say something.

\`\`\`
sign("you", "hello")
\`\`\`
`

export const rules: PageRules = {
  access: { call: 'public', query: 'public', history: 'owner', functions: { sign: [USER_ID] } },
  limits: { gas: 1_000_000_000, memory: 64 << 20, args: 1 << 20, result: 16 << 20, delta: 32 << 20, queue: 1_000 },
}

export const state: PageState = {
  commit: guestbook.commit,
  seq: 42,
  trust: 'replayed',
  state: {
    entries: [
      {
        '/': {
          class: [
            'Entry',
            { name: 'Ana', text: 'Hola a todos', at: { '/': { date: '2026-02-03T04:05:06.000Z' } }, stars: 5 },
          ],
        },
      },
      {
        '/': {
          class: ['Entry', { name: 'Björn', text: '2 + 2 = 4, still.', replyTo: { '/': { ref: '/entries/0' } } }],
        },
      },
    ],
    byName: {
      '/': {
        map: [
          ['Ana', { '/': { bigint: '2' } }],
          ['Björn', { '/': { bigint: '1' } }],
        ],
      },
    },
    tags: { '/': { set: ['hello', 'maths'] } },
    count: 2,
    open: true,
    cache: { '/': { opaque: 'WeakMap' } },
    onSign: { '/': { function: 'onSign' } },
    'lib/limits.ts': { longest: 500 },
  },
}

const sign = { caller: USER_ID, method: 'sign', args: ['Ana', 'Hola a todos'], gas: 41_204, ok: true }
const common = { contract: guestbook.contract, parent: 'bafyreiparent', from: null, forced: false }

export const history: PageHistory = {
  commits: [
    { ...common, commit: guestbook.commit, seq: 42, time: '2026-02-03T04:05:06.000Z', kind: 'step', calls: [sign] },
    { ...common, commit: 'bafyrei41', seq: 41, time: '2026-02-02T10:00:00.000Z', kind: 'rollback', calls: [] },
    {
      ...common,
      ...{ commit: 'bafyrei40', seq: 40, time: '2026-02-01T23:59:59.000Z', kind: 'step' },
      calls: Array.from({ length: 12 }, (_, index) => ({ ...sign, args: [`visitor ${index}`, 'Hi'] })),
    },
    { ...common, commit: 'bafyrei39', seq: 39, time: '2026-01-31T00:00:00.000Z', kind: 'upgrade', calls: [] },
    {
      ...common,
      commit: 'bafyrei0',
      parent: null,
      seq: 0,
      time: '2026-01-01T00:00:00.000Z',
      kind: 'genesis',
      calls: [],
    },
  ],
  more: false,
  pruned: false,
}

export const commit: PageCommit = {
  ...common,
  ...{ commit: guestbook.commit, service: guestbook.service, seq: 42, epoch: 0, kind: 'step' },
  ...{
    time: '2026-02-03T04:05:06.000Z',
    engine: 'bafkreiengine',
    host: PEER_ID,
    trust: 'replayed',
    owner: null,
    init: null,
  },
  before: '5f'.repeat(32),
  root: 'a0'.repeat(32),
  delta: { lines: 1_017, pages: 9 },
  content: [],
  calls: [{ ...sign, id: '1', result: 2, events: [{ name: 'signed', value: { name: 'Ana', total: 2 } }], asks: [] }],
  changes: [
    { path: '/count', from: 1, to: 2 },
    { path: '/entries/1', to: { name: 'Ana', text: 'Hola a todos' } },
    { path: '/draft', from: 'Ho' },
  ],
  moreChanges: false,
}

const thing: PageGraphItem = {
  ...{
    mode: 'live',
    name: `~${USER_ID}/forum`,
    version: '1.2.0',
    range: '^1.2',
    service: 'bafyforum',
    contract: 'bafyf',
  },
  ...{ host: PEER_ID, here: null, up: true, ms: 3, code: null, seen: null, repeated: null },
}
const npm = { ...thing, mode: 'npm' as const, range: null, service: null, contract: null, host: null, up: null }

/** Two levels of what it depends on, two of who depends on it, a circle, and some that are down. */
export const graph: PageGraph = {
  ...{ version: '1.2.0', service: guestbook.service, contract: guestbook.contract, host: PEER_ID },
  ...{ up: true, ms: null, code: null, more: true },
  dependencies: [
    {
      ...{ ...thing, now: { version: '1.3.0', newer: true, moved: false } },
      dependencies: [
        {
          ...thing,
          name: `~${USER_ID}/mail`,
          service: 'bafymail',
          up: false,
          code: 'TIMED_OUT',
          now: null,
          dependencies: [],
        },
        {
          ...thing,
          name: `~${USER_ID}/guestbook`,
          service: guestbook.service,
          repeated: 'circle',
          now: null,
          dependencies: [],
        },
      ],
    },
    {
      ...{ ...thing, mode: 'code', name: `~${USER_ID}/text`, service: null, contract: 'bafytext', now: null },
      dependencies: [{ ...npm, name: 'slugify', version: '1.6.6', now: null, dependencies: [] }],
    },
    { ...thing, mode: 'fork', name: `~${USER_ID}/comments`, service: 'bafycomments', now: null, dependencies: [] },
    { ...npm, name: 'slugify', version: '1.6.6', now: null, dependencies: [] },
    { ...npm, name: '@scope/dates', version: '2.0.0', now: null, dependencies: [] },
  ],
  dependents: [
    {
      ...{ ...thing, name: `~${USER_ID}/chess`, service: 'bafychess', here: 'chess', ms: null },
      dependents: [{ ...thing, name: `~${USER_ID}/club`, service: 'bafyclub', dependents: [] }],
    },
    {
      ...{ ...thing, name: `~${USER_ID}/shop`, service: 'bafyshop', up: false, code: 'PEER_UNREACHABLE', ms: null },
      ...{ seen: '2026-02-03T04:05:06.000Z', dependents: [] },
    },
    { ...thing, mode: 'called', name: 'bafyunknown', service: 'bafyunknown', range: null, up: null, dependents: [] },
  ],
}

/** A source that serves the above; parts of it can be replaced. */
export function createFakeSource(replace: Partial<PageSource> = {}): PageSource {
  return {
    node: async () => node,
    services: async () => [guestbook, chess],
    functions: async (name) => (name === 'guestbook' || name === 'chess' ? functions : undefined),
    rules: async () => rules,
    render: async (name) => (name === 'guestbook' ? MARKDOWN : undefined),
    state: async () => state,
    history: async () => history,
    graph: async () => graph,
    commit: async (_name, cid) => (cid === commit.commit ? commit : undefined),
    ...replace,
  }
}
