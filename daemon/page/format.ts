/** How the page writes numbers, times and long words. */
import { html, type SafeHtml } from './html.ts'

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

/** `12,345` */
export function grouped(number: number): string {
  return String(number).replace(/(?<=^-?\d+)(?=(?:\d{3})+$)/g, ',')
}

const SIZES = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** `64 MiB`, `1.5 KiB` */
export function bytes(number: number): string {
  const power = Math.min(SIZES.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(number, 1)) / 10)))
  const value = number / 1024 ** power
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${SIZES[power]}`
}

/** A point in time, to the second, in UTC: the page knows no other zone. What is no time is shown as it is. */
export function moment(time: string): SafeHtml {
  const at = new Date(time)
  if (Number.isNaN(at.getTime())) return html`<span class="fine">${clip(time, 64)}</span>`
  const iso = at.toISOString()
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`
}
