import { RegistryError } from '../errors.ts'

/** How a query ended without a record: nobody to ask, no end of it in time, all asked, or only expired ones. */
export type Miss = 'alone' | 'silent' | 'nobody' | 'expired'

/** The coded error for a user who was not found: which kind of not found it is. `expires` is of the newest record ever seen. */
export function describeMiss(user: string, miss: Miss, expires: number | undefined, now: number): RegistryError {
  const seen = expires === undefined ? undefined : new Date(expires).toISOString()
  if (miss === 'alone') {
    return new RegistryError(
      'NO_PEERS',
      `This node knows no other node that could be asked for ${user}.`,
      'connect to one: `amigo connect ADDR`, or start with --bootstrap ADDR',
    )
  }
  if (miss === 'expired' || (expires !== undefined && expires <= now)) {
    return new RegistryError(
      'NAME_EXPIRED',
      `${user} was published, but its newest record has expired${seen === undefined ? '' : ` (${seen})`}.`,
      'its owner has to come online again: a running node renews its record by itself',
    )
  }
  if (miss === 'silent') {
    return new RegistryError(
      'NO_ANSWER',
      `No node that was asked for ${user} answered in time.`,
      'try again with a longer --timeout; `amigo peers` shows who is connected',
    )
  }
  return new RegistryError(
    'NAME_NOT_FOUND',
    `Nobody here has a record of ${user}.`,
    seen === undefined
      ? 'it was never published on this network, or expired long ago: check the user ID and the network'
      : `a record valid until ${seen} was seen before; the nodes that hold it seem to be offline`,
  )
}
