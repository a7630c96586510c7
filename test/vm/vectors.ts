/** specs/vectors/vm.json: what some contracts answer to some calls, with gas and roots, on every host. */
import { hash } from 'node:crypto'
import type { Engine } from '../../daemon/vm/machine/guest.ts'
import { Machine } from '../../daemon/vm/machine/machine.ts'
import type { Ask, CallRequest, Delta, Image, ImportAnswer, Outcome } from '../../daemon/vm/types.ts'
import { applyDelta } from '../support/image.ts'
import { bytes, end, hex, message, request, TIME } from './requests.ts'

export interface Vectors {
  about: string
  /** CID of the engine that made them */
  engine: string
  services: ServiceVector[]
}

export interface ServiceVector {
  name: string
  /** source of the contract */
  module: string
  genesis: Ended
  /** in order; a query leaves the root as it was */
  steps: Step[]
}

export interface Step extends Asked, Ended {}

export interface Asked {
  how: 'call' | 'query'
  method: string
  /** JSON text of the arguments, as in specs/values.md */
  args: string
  gasLimit: string
  /** what came of the asks of its imports, as far as it is known; absent if nothing is */
  answers?: VectorAnswer[]
}

export type VectorAnswer =
  | { ok: true; result: string; gas: string }
  | { ok: false; code: string; message: string; gas: string }

/** [import, method, arguments, gas] */
export type VectorAsk = [string, string, string, string]

export interface Ended {
  /** the result, or the code of the failure */
  end: string
  /** what was thrown; '' for results and for failures of the engine */
  message: string
  gas: string
  root: string
  /** sha-256 of the lines as 32-bit little-endian numbers and of their bytes; absent if the call changed nothing */
  delta?: string
  /** what it asked of its imports, or with ANSWERS_NEEDED what has no answer; absent if nothing */
  asks?: VectorAsk[]
}

/** The context of step i, counted from 0: genesis is -1. */
export function requestOf({ method, args, gasLimit, answers }: Asked, i: number): CallRequest {
  const context = { time: TIME + 1000 * (i + 1), seed: new Uint8Array(32).fill(i + 1) }
  const asked = request(method, args, { context, limits: { gas: BigInt(gasLimit), resultBytes: 65_536 } })
  return answers ? { ...asked, answers: answers.map(answerOf) } : asked
}

function answerOf(answer: VectorAnswer): ImportAnswer {
  const gas = BigInt(answer.gas)
  return answer.ok ? { ok: true, result: bytes(answer.result), gas } : { ...answer, gas }
}

export const GENESIS: Asked = { how: 'call', method: 'init', args: '[]', gasLimit: '1000000000' }

/** Runs a service from its genesis on, or from an image, and says how each step ended. */
export function replay(
  engine: Engine,
  module: string,
  steps: readonly Asked[],
  from?: { step: number; image: Image; root: Uint8Array },
): { genesis?: Ended; ended: Ended[]; images(step: number): { step: number; image: Image; root: Uint8Array } } {
  const made = from ? undefined : Machine.genesis(engine, bytes(module), requestOf(GENESIS, -1))
  const machine = from ? Machine.open(engine, from) : made!.machine
  if (!machine) throw new Error(message(made!.outcome))
  const genesis = made && endedOf(made.outcome, machine)
  const first = from?.step ?? 0
  const start = machine.image()
  const deltas: Delta[][] = []
  const ended = steps.slice(first).map((step, i) => {
    const asked = requestOf(step, first + i)
    const { outcome, change } =
      step.how === 'query' ? { outcome: machine.query(asked), change: undefined } : machine.call(asked)
    deltas.push(change ? [change.delta] : [])
    return endedOf(outcome, machine, change?.delta)
  })
  const images = (step: number) => {
    const image = deltas
      .slice(0, step - first)
      .flat()
      .reduce(applyDelta, start)
    return { step, image, root: Buffer.from(ended[step - first - 1]!.root, 'hex') }
  }
  return { ...(genesis && { genesis }), ended, images }
}

function endedOf(outcome: Outcome, machine: Machine, delta?: Delta): Ended {
  const asks = (outcome.ok ? outcome.asks : outcome.error.asks) ?? []
  return {
    end: end(outcome),
    message: outcome.ok ? '' : outcome.error.message,
    gas: String(outcome.gas),
    root: hex(machine.root()),
    ...(delta && { delta: digestOf(delta) }),
    ...(asks.length > 0 && { asks: asks.map(vectorOf) }),
  }
}

const vectorOf = (ask: Ask): VectorAsk => [
  ...([ask.import, ask.method] as const),
  ...([new TextDecoder().decode(ask.args), String(ask.gas)] as const),
]

function digestOf({ lines, bytes }: Delta): string {
  const numbers = Buffer.alloc(lines.length * 4)
  lines.forEach((line, i) => void numbers.writeUInt32LE(line, i * 4))
  return hash('sha256', Buffer.concat([numbers, bytes]), 'hex')
}
