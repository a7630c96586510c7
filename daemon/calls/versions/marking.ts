/** Says something of what was published: a version is withdrawn or deprecated, a name taken out of the home. What runs goes on. */
import { formatName, parseName } from '../../../registry/grammar/name.ts'
import { formatSelector } from '../../../registry/grammar/selector.ts'
import { summaryOf } from '../../../registry/home/list.ts'
import type { Serial } from '../../../registry/serial.ts'
import type { VersionSelector } from '../../../registry/types.ts'
import type { Implementation, VersionMark } from '../../api/vocabulary.ts'
import { CallsError } from '../errors.ts'
import { type Publish, tellNetwork } from '../life/publish.ts'
import type { Names } from '../names/names.ts'
import type { Users } from '../names/users.ts'
import type { Identity, LocalName, PublishedVersion } from '../types.ts'
import { type LocalServicesParts, servicesOf } from './local-services.ts'

export interface MarkingParts extends LocalServicesParts {
  identity: Pick<Identity, 'user' | 'network'>
  names: Names
  users: Pick<Users, 'find'>
  publish: Pick<Publish, 'refresh'>
  /** what this user's services are called: `alice.amigos.net`, or `~k51...` */
  ownName: () => string
  /** a name is read and written by one at a time */
  naming: Serial
}

export type Marking = Pick<Implementation, 'yank' | 'deprecate' | 'unpublish'>

type Asked = { name: string; message?: string | undefined; undo?: boolean | undefined }

export function createMarking(parts: MarkingParts): Marking {
  const { identity, names, users, publish, ownName, naming } = parts
  const { suffix } = identity.network

  /** The name of one of this user's services, by which this node knows it. @throws CallsError NOT_THE_OWNER, NAME_NOT_SUPPORTED */
  const ownOf = async (text: string, signal: AbortSignal): Promise<{ service: string; version: VersionSelector }> => {
    const name = parseName(text, { suffix })
    if (name.kind === 'local') return name
    if (name.kind !== 'service') {
      const hint = 'name one of your services, like local.land/_/forum@1.2.0'
      throw new CallsError('NAME_NOT_SUPPORTED', `${formatName(name, { suffix })} is no name of a service.`, hint)
    }
    const { user } = await users.find(name, { signal })
    if (user === identity.user) return name
    throw new CallsError('NOT_THE_OWNER', `${text} is not yours: it belongs to ~${user}.`, 'whoever published it can')
  }

  const known = async (service: string): Promise<LocalName> => {
    const entry = await names.get(service)
    if (entry !== undefined && entry.published.length > 0) return entry
    const hint = 'only the node that published something takes it back; amigo status lists what this one publishes'
    throw new CallsError('SERVICE_NOT_FOUND', `This node has not published "${service}".`, hint)
  }

  const mark = async (
    { name: text }: Asked,
    change: (version: PublishedVersion) => PublishedVersion,
    signal: AbortSignal,
  ): Promise<VersionMark> => {
    const { service: name, version: selector } = await ownOf(text, signal)
    if (selector.kind !== 'exact') {
      const message = `${text} does not name one version.`
      throw new CallsError('VERSION_INVALID', message, `write the version out: ${name}@1.2.0`)
    }
    const { version } = selector
    const { entry, marked } = await naming(identity.user, async () => {
      const entry = await known(name)
      const before = entry.published.find((one) => one.version === version)
      if (before === undefined) {
        const hint = `there is: ${entry.published
          .map((one) => one.version)
          .slice(-10)
          .join(', ')}`
        throw new CallsError('VERSION_NOT_FOUND', `${name} ${version} was never published.`, hint)
      }
      const marked = change(before)
      const published = entry.published.map((one) => (one === before ? marked : one))
      await names.put({ ...entry, published })
      return { entry, marked }
    })
    const { yanked = false, deprecated = null } = marked
    const runs = yanked ? (await servicesOf(entry, parts)).find((one) => one.version === version) : undefined
    const lost = runs && [
      `${name} ${version} runs, and goes on; only who names it exactly finds it, until a newer version is published or it is taken back by a rollback`,
    ]
    const shown = `${ownName()}/${name}${formatSelector(selector)}`
    return {
      name: shown,
      version,
      yanked,
      deprecated,
      warnings: [...(lost ?? []), ...(await tellNetwork(publish, { signal }))],
    }
  }

  return {
    yank: (asked, { signal }) => {
      const why = lineOf(asked.message)
      return mark(
        asked,
        ({ yanked: _, deprecated, ...version }) => {
          const said = why ?? deprecated
          return asked.undo ? version : { ...version, yanked: true, ...(said !== undefined && { deprecated: said }) }
        },
        signal,
      )
    },

    deprecate: (asked, { signal }) => {
      const why = lineOf(asked.message)
      if (why === undefined && !asked.undo)
        throw new CallsError(
          'ARGUMENTS_INVALID',
          'Nothing is said about the version.',
          'say why, in one line, and what to use instead',
        )
      return mark(
        asked,
        ({ deprecated: _, ...version }) => (asked.undo ? version : { ...version, deprecated: why! }),
        signal,
      )
    },

    async unpublish({ name: text }, { signal }) {
      const { service: name, version } = await ownOf(text, signal)
      if (version.kind !== 'latest') {
        const message = `${text} names a version, and all of ${name} is unpublished together.`
        throw new CallsError(
          'NAME_NOT_SUPPORTED',
          message,
          `amigo yank withdraws one version, amigo unpublish ${name} all`,
        )
      }
      await naming(identity.user, async () => names.put({ ...(await known(name)), unpublished: true }))
      return { name: `${ownName()}/${name}`, warnings: await tellNetwork(publish, { signal }) }
    },
  }
}

/** As it can stand in a list; undefined for nothing. */
function lineOf(message: string | undefined): string | undefined {
  const line = message === undefined ? '' : summaryOf(message)
  return line === '' ? undefined : line
}
