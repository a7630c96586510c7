/** One label, and the version behind it: what can stand in a path, a command line and a header without an escape. */
const NAME = /^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?(?:@[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?)?$/i

/** Whether it can name a service in a path: by its name, also that of an older major version, or a copy by its service ID. */
export function isServiceName(name: unknown): name is string {
  return typeof name === 'string' && NAME.test(name)
}
