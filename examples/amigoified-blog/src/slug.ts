/** `Hello, World!` becomes `hello-world`; what is taken gets a number. */
export function slugFor(title: string, isTaken: (slug: string) => boolean): string {
  const plain = title.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const base = plain.match(/[a-z0-9]+/g)?.join('-') ?? 'post'
  let slug = base
  for (let i = 2; isTaken(slug); i++) slug = `${base}-${i}`
  return slug
}
