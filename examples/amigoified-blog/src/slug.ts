const LONGEST = 60

/** `Crème brûlée!` is `creme-brulee`. */
export function slugify(title: string): string {
  const words = title
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu)
  return (words ?? ['post']).join('-').slice(0, LONGEST).replace(/-$/, '')
}

/** The slug of a title, with a number where it is taken. */
export function freeSlug(title: string, isTaken: (slug: string) => boolean): string {
  const slug = slugify(title)
  let free = slug
  for (let number = 2; isTaken(free); number++) free = `${slug}-${number}`
  return free
}
