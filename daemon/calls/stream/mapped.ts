/** The same, with each item made into another; leaving the loop leaves that of the given one. */
export async function* mapped<T, R>(items: AsyncIterable<T>, change: (item: T) => R): AsyncGenerator<R> {
  for await (const item of items) yield change(item)
}
