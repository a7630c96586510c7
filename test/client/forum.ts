/** A contract for the tests of the client: it is published as it is, and its types are taken from here. */
import { caller, time } from 'amigos:context'
import { emit } from 'amigos:events'

export interface Post {
  id: bigint
  text: string
  tags: Set<string>
  by: string
  at: Date
}

const posts: Post[] = []

export function createPost(text: string, tags: Set<string> = new Set()): Post {
  const post = { id: BigInt(posts.length + 1), text, tags, by: caller(), at: time() }
  posts.push(post)
  emit('post', post.id)
  return post
}

/** @query */
export function byTag(tag: string): Map<bigint, Post> {
  return new Map(posts.filter(({ tags }) => tags.has(tag)).map((post) => [post.id, post]))
}

/** @query */
export function echo(value: unknown): unknown {
  return value
}

/** @query */
export function who(): string {
  return caller()
}

/** @query */
export async function* feed(count: number): AsyncGenerator<string> {
  for (let i = 0; i < count; i++) yield `item ${i}`
}

export function fail(why: string): void {
  throw new Error(why)
}

export function then(): string {
  return 'not a promise'
}
