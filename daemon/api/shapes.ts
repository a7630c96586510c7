/**
 * Checks of values that came from outside: each answers what is wrong, in the words of the field, or undefined.
 * What passes has exactly the declared shape; nothing is converted and no default is filled in.
 */
export type Check = (value: unknown, path: string) => string | undefined

export interface Field {
  check: Check
  optional: boolean
}

/** A string of `min` to `max` UTF-16 units that matches `pattern` if there is one. */
export function text(limits: { min?: number; max: number; pattern?: RegExp; what?: string }): Check {
  const { min = 1, max, pattern, what = 'has the wrong form' } = limits
  return (value, path) => {
    if (typeof value !== 'string') return `${path} must be a string`
    if (value.length < min) return `${path} must not be empty`
    if (value.length > max) return `${path} is longer than ${max} characters`
    return pattern === undefined || pattern.test(value) ? undefined : `${path} ${what}`
  }
}

/** A whole number, from `min` to `max`. */
export function integer(limits: { min: number; max: number }): Check {
  return (value, path) =>
    Number.isSafeInteger(value) && (value as number) >= limits.min && (value as number) <= limits.max
      ? undefined
      : `${path} must be a whole number from ${limits.min} to ${limits.max}`
}

/** `true` or `false`. */
export function boolean(): Check {
  return (value, path) => (typeof value === 'boolean' ? undefined : `${path} must be true or false`)
}

/** Any JSON value: the body it stands in was bounded and parsed already. */
export function json(): Check {
  return () => undefined
}

/** A list of `min` to `max` items that each pass. */
export function list(items: Check, limits: { min?: number; max: number }): Check {
  const { min = 0, max } = limits
  return (value, path) => {
    if (!Array.isArray(value)) return `${path} must be a list`
    if (value.length < min || value.length > max) return `${path} must have ${min} to ${max} items`
    for (const [index, item] of value.entries()) {
      const wrong = items(item, `${path}[${index}]`)
      if (wrong !== undefined) return wrong
    }
    return undefined
  }
}

/** This string and no other. */
export function word(...words: readonly string[]): Check {
  const what = words.map((one) => `'${one}'`).join(', ')
  return (value, path) =>
    words.some((one) => one === value) ? undefined : `${path} must be ${words.length > 1 ? 'one of ' : ''}${what}`
}

/** What one of the checks passes; `what` says what all of them are. */
export function either(what: string, ...checks: readonly Check[]): Check {
  return (value, path) =>
    checks.some((check) => check(value, path) === undefined) ? undefined : `${path} must be ${what}`
}

/** A field that has to be there. */
export function required(check: Check): Field {
  return { check, optional: false }
}

/** A field that may be left out. */
export function optional(check: Check): Field {
  return { check, optional: true }
}

/** A check with one more, for what passed it: exactly one of these fields is there. */
export function withOneOf(check: Check, names: readonly string[]): Check {
  return (value, path) => {
    const wrong = check(value, path)
    if (wrong !== undefined) return wrong
    const given = names.filter((name) => (value as Record<string, unknown>)[name] !== undefined)
    return given.length === 1 ? undefined : `exactly one of ${names.join(', ')} must be there`
  }
}

/** A check with one more, for what passed it: of two fields that mean nothing together at most one is there. */
export function withoutBoth(check: Check, a: string, b: string): Check {
  return (value, path) => {
    const wrong = check(value, path)
    if (wrong !== undefined) return wrong
    const given = value as Record<string, unknown>
    return given[a] === undefined || given[b] === undefined ? undefined : `${a} and ${b} do not go together`
  }
}

/** An object with these fields and no others. */
export function record(fields: { readonly [name: string]: Field }): Check {
  const known = new Map(Object.entries(fields))
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${path} must be an object`
    const at = path === '' ? '' : `${path}.`
    for (const name of Object.keys(value))
      if (!known.has(name)) return `${at}${name.slice(0, 64)} is not a field of this method`
    for (const [name, field] of known) {
      const item = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
      if (item === undefined) {
        if (!field.optional) return `${at}${name} is missing`
        continue
      }
      const wrong = field.check(item, `${at}${name}`)
      if (wrong !== undefined) return wrong
    }
    return undefined
  }
}
