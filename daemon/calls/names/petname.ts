/** The local API's method for petnames: gives, tells, lists and takes away names that hold on this node alone. */
import { parseLabel, USERNAME } from '../../../registry/grammar/label.ts'
import type { Methods } from '../../api/vocabulary.ts'
import { CallsError } from '../errors.ts'
import type { Petnames } from './petnames.ts'
import type { Users } from './users.ts'

type Answer = Methods['petname']['result']
type Api = (params: Methods['petname']['params'], options: { signal: AbortSignal }) => Promise<Answer>

export function createPetname({ petnames, users }: { petnames: Petnames; users: Pick<Users, 'userOf'> }): Api {
  const toJson = (username: string, key: string): Answer['petnames'][number] => ({
    ...{ username, key },
    expires: null,
    registrar: null,
  })
  return async ({ name, user, remove = false }, options) => {
    if (name === undefined) {
      const all = await petnames.all()
      return { petnames: all.map((one) => toJson(one.name, one.user)) }
    }
    const word = parseLabel(name, USERNAME)
    // what it stands for now is what it stands for from now on, whoever gets the username later
    const key = user === undefined ? await petnames.get(word) : await users.userOf(user, options)
    if (key === undefined) {
      const hint = `amigo petname ${word} USER gives somebody that name`
      throw new CallsError('NAME_NOT_FOUND', `Nobody has the name ${word} on this node.`, hint)
    }
    if (remove) await petnames.remove(word)
    else if (user !== undefined) await petnames.put(word, key)
    return { petnames: [toJson(word, key)] }
  }
}
