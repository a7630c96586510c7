/** People of a test: a word stands for the same user ID each time. */
import { hash } from 'node:crypto'
import { publicKeyOf, userIdOf } from '../client/ids.ts'

const USER_ID = /^k51[a-z0-9]{59}$/

/** A user ID as it is; for a word the ID of a key that nobody has. */
export function userFor(word: string): string {
  return USER_ID.test(word) ? word : userIdOf(publicKeyOf(hash('sha256', `amigos/test/user/${word}`, 'buffer')))
}
