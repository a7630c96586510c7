/**
 * The part of the guest's runtime for what is given item by item: async generators, and whatever else has a Symbol.asyncIterator.
 *
 * A call takes all of it, and its result is the array of the items; a stream takes one item at a time, and keeps its place in between. Either
 * way an item is encoded when it comes, so that what the contract does to it later makes no difference.
 */
export const streams: string = `
/** { iterator, next } of an object that is an async iterable; undefined for one that is none. Runs what the contract put there. */
const iteratorOf = value => {
  const method = value[asyncIterator]
  if (typeof method !== 'function') return undefined
  const iterator = apply(method, value, newArguments())
  return { __proto__: null, iterator, next: iterator.next }
}
/** One step further: { done, value } */
const advance = async ({ next, iterator }) => {
  const step = await apply(next, iterator, newArguments())
  if (typeof step !== 'object' || step === null) throw new NewTypeError('the next step of an async iterator is no object')
  return step
}
/** The text of an item, or, beginning with the letter, why there is none. */
const itemText = value => {
  try { return '+' + encodeValue(value, 1) } catch (error) {
    return error === refusal ? 'V' + refusal.why : failed(error)
  }
}

/** Everything as the text of one array. */
const collect = async from => {
  let out = ''
  for (;;) {
    const step = await advance(from)
    if (step.done) return '+[' + out + ']'
    const text = itemText(step.value)
    if (text[0] !== '+') return text
    out += (out === '' ? '' : ',') + slice(text, 1)
  }
}

/** What next() takes from. */
let stream
const opened = value => {
  try {
    stream = typeof value === 'object' && value !== null ? iteratorOf(value) : undefined
    return stream === undefined ? 'I' : '+null'
  } catch (error) { return failed(error) }
}
/** As invoke, but what the function gives is kept, for next(). */
export const open = (header, text) => {
  const name = prepare(header)
  asking = ALLOWED
  answers = opened
  const method = ofNode[name] ? undefined : find(name)
  return method === undefined ? 'F' : run(method, text)
}
/** The text of an array: with the next item, or without one at the end. */
export const next_ = header => {
  prepare(header)
  asking = ALLOWED
  return take()
}
const take = async () => {
  const step = await advance(stream)
  if (step.done) return '+[]'
  const text = itemText(step.value)
  return text[0] === '+' ? '+[' + slice(text, 1) + ']' : text
}
`
