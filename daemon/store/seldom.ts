/** Whether it is the turn of what is done each so many times. */
export const createSeldom = (every: number): (() => boolean) => {
  let count = 0
  return () => ++count % every === 0
}
