/** Receives one item; the next one comes when it resolved. */
export type Give<T> = (item: T) => Promise<void>

/**
 * What is told item by item, as something to loop over: it begins with the first item that is asked for, and whoever leaves the loop ends it.
 *
 * @param begin resolves when there are no more
 */
export async function* itemsOf<T>(
  begin: (give: Give<T>, signal: AbortSignal) => Promise<unknown>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  const left = new AbortController()
  let given = Promise.withResolvers<{ item: T } | undefined>()
  let taken = Promise.withResolvers<void>()
  const give: Give<T> = (item) => {
    const gate = taken.promise
    given.resolve({ item })
    return gate
  }
  const either = signal === undefined ? left.signal : AbortSignal.any([signal, left.signal])
  begin(give, either).then(
    () => given.resolve(undefined),
    (error: unknown) => given.reject(error),
  )
  try {
    for (let next = await given.promise; next !== undefined; next = await given.promise) {
      given = Promise.withResolvers()
      yield next.item
      taken.resolve()
      taken = Promise.withResolvers()
    }
  } finally {
    // nobody is told any more
    given.promise.catch(() => {})
    left.abort()
    taken.resolve()
  }
}
