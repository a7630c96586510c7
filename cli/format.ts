/** Numbers as people read them. */

const SIZES = ['B', 'kB', 'MB', 'GB', 'TB'] as const
const SPANS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const

/** `0 B`, `1.2 kB`, `34 MB`; decimal units */
export function bytes(count: number): string {
  const power = Math.min(SIZES.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(count, 1)) / 3)))
  const value = count / 1_000 ** power
  return `${power === 0 || value >= 10 ? Math.round(value) : value.toFixed(1)} ${SIZES[power]}`
}

/** `12 s`, `5 min`, `3 h 20 min`: the two largest units */
export function span(seconds: number): string {
  let left = Math.max(0, Math.floor(seconds))
  const parts: string[] = []
  for (const [unit, length] of SPANS) {
    const count = Math.floor(left / length)
    if (count > 0 || parts.length > 0) parts.push(`${count} ${unit}`)
    left %= length
  }
  return parts.length === 0 ? `${left} s` : parts.slice(0, 2).join(' ')
}

/** How long before `now` an ISO 8601 time was; the word itself if it is none. */
export function ago(time: string, now: number): string {
  const ms = now - Date.parse(time)
  return Number.isNaN(ms) ? time : `${span(ms / 1_000)} ago`
}

/** `12,345` */
export function grouped(count: number): string {
  return String(count).replace(/(?<=^-?\d+)(?=(?:\d{3})+$)/g, ',')
}

/** `1 commit`, `12,345 commits` */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(count)} ${count === 1 ? noun : plural}`
}

/** `bafyreigq…cahbq`: enough of an identifier to know it again. */
export function short(id: string): string {
  return id.length <= 18 ? id : `${id.slice(0, 10)}…${id.slice(-5)}`
}

/** A name in which user IDs and CIDs, which are long, are shown so. */
export function shortName(name: string): string {
  return name.replace(/k51[a-z0-9]{59}|baf[a-z0-9]{50,}/g, short)
}

/** `14:05:59` of the day of `now`, `2026-10-01` of another, in the time zone of this machine; the word itself if it is no time. */
export function clock(time: string, now: number): string {
  const at = new Date(time)
  if (Number.isNaN(at.getTime())) return time
  const two = (part: number) => String(part).padStart(2, '0')
  const day = (date: Date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  if (day(at) !== day(new Date(now))) return day(at)
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':')
}
