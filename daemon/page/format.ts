/** How the page writes numbers, times and long words. */

const UNITS: readonly (readonly [name: string, seconds: number])[] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
]

/** At most `max` characters of `text`, with an ellipsis if some were cut. What is no string gives the empty string. */
export function clip(text: unknown, max: number): string {
  if (typeof text !== 'string') return ''
  return text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`
}

/** `12D3KooWQ7…a9Xk`: enough of an identifier to recognise it. */
export function shorten(id: string): string {
  return id.length <= 18 ? id : `${id.slice(0, 10)}…${id.slice(-5)}`
}

/** `1 peer`, `2 peers`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** Seconds in the largest unit that fits: `3 hours`. */
export function duration(seconds: number): string {
  if (!(seconds >= 1)) return 'less than a second'
  const [name, size] = UNITS.find(([, size]) => seconds >= size)!
  return count(Math.floor(seconds / size), name)
}
