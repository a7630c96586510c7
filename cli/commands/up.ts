import { EXIT } from '../../daemon/api/codes.ts'
import type { NodeStatus } from '../../daemon/api/vocabulary.ts'
import { startDetached } from '../detach.ts'
import { CliError } from '../errors.ts'
import { networkWish } from '../network-wish.ts'
import { assertNotRunning } from '../not-running.ts'
import { say, styled, type Text, table } from '../text.ts'
import type { Command, Context, Flags } from '../types.ts'

/** What `up` says once the node listens. */
type Announcement = Pick<NodeStatus, 'peerId' | 'addresses' | 'http' | 'home' | 'network' | 'pid' | 'origins'>

export const up: Command = {
  name: 'up',
  summary: 'start my node, and make it on first use',
  args: [],
  flags: [
    { name: 'detach', help: 'leave it running in the background; its log is daemon.log in its home' },
    {
      name: 'network',
      value: 'FILE|INVITE',
      help: 'the network to be on from now on; amigo network invite prints an invite',
    },
    { name: 'hub', help: 'write the book of usernames; without --network, of a network of my own' },
    { name: 'bootstrap', value: 'ADDR', repeat: true, help: 'a node to join the network by' },
    {
      name: 'listen',
      value: 'ADDR',
      repeat: true,
      help: 'where to listen, like /ip4/0.0.0.0/tcp/4001, or at a relay: ADDR/p2p-circuit',
    },
    { name: 'http', value: 'PORT', help: 'port of the page; 0 for any free one' },
    {
      name: 'allow-origin',
      value: 'ORIGIN',
      repeat: true,
      help: 'let programs of this origin, like http://localhost:5173, ask my node from a browser, with keys of their own; kept until it is forbidden',
    },
    {
      name: 'forbid-origin',
      value: 'ORIGIN',
      repeat: true,
      help: 'no longer let its programs in; all: those of every origin',
    },
    { name: 'relay', help: 'let others be reached through my node: it passes on what it cannot read' },
    { name: 'offline', help: 'neither listen nor dial, until connect says so' },
  ],
  examples: [
    'up',
    'up --detach',
    'up --network amigo1...',
    'up --hub',
    'up --bootstrap /ip4/192.0.2.7/tcp/4001/p2p/12D3Koo...',
    'up --home /tmp/b --http 0',
  ],

  async run(context) {
    const { flags, settings, terminal } = context
    const options = {
      home: settings.home,
      listen: flags.list('listen'),
      bootstrap: flags.list('bootstrap'),
      http: readPort(flags.text('http')),
      origins: await readOrigins(flags.list('allow-origin')),
      forbidOrigins: await readForbidden(flags.list('forbid-origin')),
      offline: flags.has('offline'),
      relay: flags.has('relay'),
      hub: flags.has('hub'),
      ...(await networkWish(flags.text('network'))),
    }
    await assertNotRunning(settings.home, context)
    if (flags.has('detach')) {
      const status = await startDetached(context, options)
      const notes = [...next(status, 'Stop it with amigo down'), ...inviting(flags)]
      return { value: announcementOf(status), human: announce(status), notes }
    }
    const { runDaemon } = await import('../../daemon/main.ts')
    const done = terminal.wait(say`starting the node`)
    const daemon = await runDaemon({ ...options, log: logTo(context) }).finally(done)
    if (settings.json) await terminal.printJson(announcementOf(daemon.info))
    else await terminal.print(...announce(daemon.info))
    // it is up whether or not it answers
    const asked = settings.quiet || settings.json ? undefined : context.request('status', {})
    terminal.note(...next(await asked?.catch(() => undefined), 'Stop it with Ctrl-C'), ...inviting(flags))

    const stop = () => {
      terminal.note(say`stopping ...`)
      // a failure to stop comes out of `stopped`, or is in the log
      daemon.stop().catch(() => {})
    }
    if (context.signal.aborted) stop()
    else context.signal.addEventListener('abort', stop, { once: true })
    await daemon.stopped
    return EXIT.done
  },
}

function announcementOf({ peerId, addresses, http, home, network, pid, origins }: Announcement): Announcement {
  return { peerId, addresses, http, home, network, pid, origins }
}

function announce({ peerId, addresses, http, network, origins }: Announcement): Text[] {
  return [
    styled('bold', 'Your node is up'),
    ...table([
      ['  peer', peerId],
      ...addresses.map((address, index) => [index === 0 ? '  address' : '', address]),
      ['  page', styled('cyan', http)],
      ['  network', network],
      ...origins.map((origin, index) => [index === 0 ? '  programs' : '', origin]),
    ]),
  ]
}

/** A hub is for others. */
function inviting(flags: Flags): Text[] {
  return flags.has('hub') ? [say`Others join with the line of amigo network invite`] : []
}

/** A line that can be pasted, and one on how to end it. */
function next(status: Pick<NodeStatus, 'services'> | undefined, stop: string): Text[] {
  const isNew = status?.services.length === 0
  return [isNew ? say`Next: amigo init hello && amigo publish hello` : say`Next: amigo status`, say`${stop}`]
}

/** The daemon's own words go to stderr, which is the log of a detached one. */
function logTo({ settings, terminal }: Context): (line: string) => void {
  return (line) => {
    if (!settings.quiet || line.startsWith('fatal'))
      terminal.complain(say`${styled('dim', new Date().toISOString())} ${line}`)
  }
}

async function readOrigins(words: readonly string[]): Promise<string[]> {
  if (words.length === 0) return []
  const { originIn } = await import('../../daemon/door/gate.ts')
  return words.map((word) => {
    const origin = originIn(word)
    if (origin !== undefined) return origin
    throw new CliError(
      'USAGE',
      `${word} is no origin.`,
      'like http://localhost:5173 or https://app.example, without a path',
    )
  })
}

async function readForbidden(words: readonly string[]): Promise<string[]> {
  if (words.length === 0) return []
  const { ALL_ORIGINS } = await import('../../daemon/door/gate.ts')
  return words.includes(ALL_ORIGINS) ? [ALL_ORIGINS] : readOrigins(words)
}

function readPort(word: string | undefined): number | undefined {
  if (word === undefined) return undefined
  const port = /^\d{1,5}$/.test(word) ? Number(word) : Number.NaN
  if (!(port <= 65_535)) throw new CliError('USAGE', `--http ${word} is not a port.`, 'say a number from 0 to 65535')
  return port
}
