import { ASK_BYTES_MAX, ASKS_BYTES_MAX, ASKS_MAX } from '../constants.ts'
import { ANSWER_BYTE_GAS, ASK_BYTE_GAS } from '../prices.ts'
import type { Ask, ImportAnswer } from '../types.ts'
import { AnswersNeeded, OutOfGas } from './guest.ts'

/**
 * What a contract asks of its imports in one call. Asks gather until nothing else is left to run; those are a batch, and are answered together, in
 * the order in which they were made. So what a contract sees does not depend on who answers first.
 */
export interface Asks {
  /** Forgets all of the call before, and starts with what is known of the answers. */
  begin(answers: readonly ImportAnswer[]): void
  /** @returns why not: a letter (R or T) and a sentence */
  add(service: string, method: string, args: Uint8Array | undefined): string | undefined
  /**
   * The answers to all that was asked and not answered, paid for; none if there is nothing.
   *
   * @throws AnswersNeeded, OutOfGas
   */
  batch(): readonly ImportAnswer[]
  /** how many were made in this call */
  count(): number
  take(): Ask[]
}

/** Of 64 units that are left, the asks of a batch get 63: the caller has something left to say what went wrong. */
const SHARE = { of: 64n, given: 63n }
const TOO_MANY = `Ra call can ask its imports ${ASKS_MAX} times`
const TOO_LARGE = `Rthe arguments of an import have at most ${ASK_BYTES_MAX} bytes, those of all in one call ${ASKS_BYTES_MAX}`

/** @param pay charges units of gas; answers whether they were there @param left the gas that is left, in units */
export function createAsks(pay: (units: bigint) => boolean, left: () => bigint): Asks {
  let answers: readonly ImportAnswer[] = []
  let asks: (Omit<Ask, 'gas'> & { gas?: bigint })[] = []
  let answered = 0
  let room = ASKS_BYTES_MAX
  /** what the call had at its beginning, and what of that went for anything but its own steps */
  let given = 0n
  let apart = 0n

  const payApart = (units: bigint): void => {
    apart += units
    if (!pay(units)) throw new OutOfGas()
  }

  const begin = (known: readonly ImportAnswer[]): void => {
    answers = known
    asks = []
    answered = 0
    room = ASKS_BYTES_MAX
    given = left()
    apart = 0n
  }

  return {
    begin,
    add(service, method, args) {
      if (asks.length >= ASKS_MAX) return TOO_MANY
      if (args === undefined || args.length > room) return TOO_LARGE
      if (!pay(ASK_BYTE_GAS * BigInt(args.length))) return undefined
      room -= args.length
      asks.push({ import: service, method, args })
      return undefined
    },
    batch() {
      const batch = asks.slice(answered)
      if (batch.length === 0) return []
      // for what came before is done once more when the answers are there
      payApart(given - left() - apart)
      const gas = shareOf(left(), batch.length)
      for (const ask of batch) ask.gas = gas
      const found = answers.slice(answered, asks.length)
      if (found.length < batch.length) throw new AnswersNeeded(batch as Ask[])
      answered = asks.length
      payApart(found.reduce((sum, answer) => sum + priceOf(answer), 0n))
      return found
    },
    count: () => asks.length,
    take() {
      const taken = asks as Ask[]
      begin([])
      return taken
    },
  }
}

/** What each ask of a batch may use. @param left the gas that is left to the call, in units */
export const shareOf = (left: bigint, asks: number): bigint => (left * SHARE.given) / SHARE.of / BigInt(asks)

const priceOf = (answer: ImportAnswer): bigint =>
  answer.gas + (answer.ok ? ANSWER_BYTE_GAS * BigInt(answer.result.length) : 0n)
