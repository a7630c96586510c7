import type { Methods } from '../../daemon/api/vocabulary.ts'
import { CliError } from '../errors.ts'
import { showRelease } from '../release.ts'
import { say, styled, type Text, table } from '../text.ts'
import type { Answer, Command, Context } from '../types.ts'

type Described = Methods['network']['result']

export const network: Command = {
  name: 'network',
  summary: 'make a network of my own, show the one I am on, or invite others to it',
  args: [
    {
      name: 'new|show|invite|add|list|remove|peer|release',
      help: 'make one; show mine; invite others; know another one',
    },
    { name: 'NAME', optional: true, help: 'of the network; the invite to add; on the hub: the newest release' },
  ],
  flags: [
    { name: 'registrar', help: 'new: my node certifies its usernames' },
    { name: 'witness', value: 'PEER', repeat: true, help: 'new: a node that watches the book of usernames' },
    { name: 'required', value: 'M', help: 'new: so many witnesses have to sign a username; else more than half' },
    { name: 'bootstrap', value: 'ADDR', repeat: true, help: 'new: an address that will last' },
    { name: 'as', value: 'NAME', help: 'add: what it is called here, NAME.land/...' },
    { name: 'suffix', value: 'DOMAIN', help: 'new: what follows its usernames; else amigos.net' },
  ],
  examples: [
    'network new class --registrar',
    'network invite',
    'network show --json',
    'network new class --registrar --witness 12D3Koo...',
  ],

  run(context) {
    const [action = '', name] = context.words
    const act = ACTIONS[action]
    if (act === undefined || (name !== undefined && !NAMED.has(action))) {
      const hint = 'it is network new NAME, show, invite, add INVITE, list, remove NAME, peer or release'
      throw new CliError('USAGE', `amigo network does not know what to do with '${name ?? action}'.`, hint)
    }
    return act(context, name)
  },
}

/** Actions that take a second word. */
const NAMED: ReadonlySet<string> = new Set(['new', 'add', 'remove', 'release'])

const ACTIONS: { readonly [action: string]: (context: Context, name: string | undefined) => Promise<Answer> } = {
  async new({ flags, settings }, name) {
    if (name === undefined) throw new CliError('USAGE', 'A network needs a name.', 'amigo network new NAME')
    const witnesses = flags.list('witness')
    if (witnesses.length > 0 && !flags.has('registrar'))
      throw new CliError('USAGE', 'Witnesses need a registrar.', 'amigo network new NAME --registrar --witness PEER')
    const { newNetwork } = await import('../../daemon/network-folder.ts')
    const made = await newNetwork(settings.home, {
      name,
      registrar: flags.has('registrar'),
      witnesses,
      required: readRequired(flags.text('required')),
      bootstrap: flags.list('bootstrap'),
      suffix: flags.text('suffix'),
    })
    const { invite: _without, ...value } = made
    return { value, human: about(made), notes: [say`Next: amigo up, then amigo network invite`] }
  },

  async show(context) {
    const shown = await described(context)
    return { value: shown, human: about(shown) }
  },

  async invite(context) {
    const { invite, addresses, bootstrap } = await described(context)
    if (addresses.length + bootstrap.length === 0) {
      const hint = 'start it first, not --offline: amigo up'
      throw new CliError('USAGE', 'Nobody could find this network: no address is known.', hint)
    }
    return {
      value: { invite },
      human: [say`${invite}`],
      notes: [say`Others join with: amigo up --network INVITE --home DIR`],
    }
  },

  async add({ flags, request }, invite) {
    if (invite === undefined) throw new CliError('USAGE', 'An invite is missing.', 'amigo network add INVITE --as NAME')
    const as = flags.text('as')
    const { networks } = await request('networks', { add: invite, ...(as === undefined ? {} : { as }) })
    const [added] = networks
    return {
      value: added,
      human: listed(networks),
      notes: [say`Next: amigo resolve ${added?.name ?? ''}.land/USER/SERVICE`],
    }
  },

  async list({ request }) {
    const { networks } = await request('networks', {})
    return { value: { networks }, human: networks.length === 0 ? [say`No other networks.`] : listed(networks) }
  },

  async remove({ request }, name) {
    if (name === undefined) throw new CliError('USAGE', 'A name is missing.', 'amigo network remove NAME')
    const { networks } = await request('networks', { remove: name })
    return { value: networks[0], human: [say`${name}.land is unknown here now`] }
  },

  async release({ request }, version) {
    const known = await request('release', version === undefined ? {} : { version })
    return { value: known, human: showRelease(known) }
  },

  async peer({ settings }) {
    const { peerOfFolder } = await import('../../daemon/network-folder.ts')
    const peerId = await peerOfFolder(settings.home)
    return { value: { peerId }, human: [say`${peerId}`] }
  },
}

/** As the daemon tells it, which knows its addresses; else as the data folder does. */
async function described(context: Context): Promise<Described> {
  try {
    return await context.request('network', {})
  } catch (error) {
    if ((error as { code?: string }).code !== 'NO_DAEMON') throw error
    const { networkOfFolder } = await import('../../daemon/network-folder.ts')
    return networkOfFolder(context.settings.home)
  }
}

function listed(networks: Methods['networks']['result']['networks']): Text[] {
  return table(networks.map(({ name, title, network: id }) => [`${name}.land`, title, id]))
}

function about({
  network: id,
  name,
  suffix,
  registrars,
  required,
  created,
  role,
  bootstrap,
  addresses,
}: Described): Text[] {
  const [hub, ...witnesses] = registrars
  const rows = [
    ['network', styled('bold', name)],
    ['  ID', id],
    ['  usernames', hub === undefined ? 'none: nobody certifies them' : `USER.${suffix}`],
    ...(hub === undefined ? [] : [['  registrar', hub]]),
    ...witnesses.map((peer) => ['  witness', peer]),
    ...(witnesses.length === 0 ? [] : [['  of these', `${required} have to sign`]]),
    ...(role === null ? [] : [['  my node', `its ${role}`]]),
    ...(created.startsWith('1970') ? [] : [['  made', created]]),
    ...bootstrap.map((address) => ['  bootstrap', address]),
    ...addresses.map((address) => ['  address', address]),
  ]
  return table(rows)
}

function readRequired(word: string | undefined): number | undefined {
  if (word === undefined) return undefined
  if (/^\d$/.test(word)) return Number(word)
  throw new CliError('USAGE', `--required ${word} is no number of witnesses.`, 'none, or more than half of them')
}
