/** How long one of `run` takes, in microseconds: the median of `times`, after `warm` that are not counted. */
export async function medianUs(
  run: (i: number) => unknown,
  { times = 1000, warm = times }: { times?: number; warm?: number } = {},
): Promise<number> {
  const taken: number[] = []
  for (let i = 0; i < warm + times; i++) {
    const start = performance.now()
    const result = run(i)
    if (result instanceof Promise) await result
    if (i >= warm) taken.push(performance.now() - start)
  }
  return median(taken) * 1000
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}
