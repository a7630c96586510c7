import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { MARKDOWN_HEAP_MIB, MARKDOWN_MS, MAX_MARKDOWN_BYTES, MAX_MARKDOWN_JOBS } from './constants.ts'
import { PageError } from './errors.ts'
import { type SafeHtml, trusted } from './html.ts'
import type { Place } from './markdown-links.ts'
import type { MarkdownAnswer, MarkdownJob } from './markdown-worker.ts'

export interface MarkdownThread {
  /** Rejects with a PageError MARKDOWN_* if the text is no text, too large, too slow, or if it broke the renderer. */
  render(text: unknown, place: Place, options: { signal: AbortSignal }): Promise<SafeHtml>
  stop(): Promise<void>
}

// the sources run as they are, the published package as JavaScript
const SCRIPT = new URL(`./markdown-worker${extname(import.meta.url)}`, import.meta.url)

/**
 * Renders Markdown in one worker thread, one text after the other. The worker is started with the first text, and ended and started
 * afresh when a text overstays `ms`.
 */
export function createMarkdownThread(ms: number = MARKDOWN_MS): MarkdownThread {
  let worker: Worker | undefined
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0

  function start(): Worker {
    const thread = new Worker(SCRIPT, { resourceLimits: { maxOldGenerationSizeMb: MARKDOWN_HEAP_MIB } })
    // a crash between two jobs must not end the daemon
    thread.on('error', () => {})
    thread.on('exit', () => {
      if (worker === thread) worker = undefined
    })
    thread.unref()
    return thread
  }

  async function run(job: MarkdownJob): Promise<SafeHtml> {
    worker ??= start()
    const answer = await ask(worker, job, ms).catch(async (error: unknown) => {
      const broken = worker
      worker = undefined
      await broken?.terminate()
      throw error
    })
    if ('html' in answer) return trusted(answer.html)
    throw answer.tooLarge
      ? new PageError('MARKDOWN_TOO_LARGE', 'the contract\u2019s page is too large')
      : new PageError('MARKDOWN_FAILED', 'the contract\u2019s page could not be made into HTML')
  }

  return {
    async render(text, place, { signal }) {
      if (typeof text !== 'string') throw new PageError('MARKDOWN_NOT_TEXT', 'the contract\u2019s render gave no text')
      if (Buffer.byteLength(text) > MAX_MARKDOWN_BYTES) {
        throw new PageError('MARKDOWN_TOO_LARGE', `the contract\u2019s page is larger than ${MAX_MARKDOWN_BYTES} bytes`)
      }
      if (waiting >= MAX_MARKDOWN_JOBS) throw new PageError('PAGE_BUSY', 'too many pages are being rendered')
      waiting++
      const turn = last.then(() => {
        signal.throwIfAborted()
        return run({ text, place })
      })
      last = turn.catch(() => {}).finally(() => waiting--)
      return turn
    },
    async stop() {
      const thread = worker
      worker = undefined
      await thread?.terminate()
    },
  }
}

function ask(worker: Worker, job: MarkdownJob, ms: number): Promise<MarkdownAnswer> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      clearTimeout(timer)
      worker.off('message', onMessage).off('error', onEnd).off('exit', onEnd)
      act()
    }
    const onMessage = (answer: MarkdownAnswer) => settle(() => resolve(answer))
    const onEnd = () => settle(() => reject(new PageError('MARKDOWN_FAILED', 'the renderer ended')))
    const timer = setTimeout(
      () => settle(() => reject(new PageError('MARKDOWN_TOO_SLOW', `rendering took longer than ${ms} ms`))),
      ms,
    )
    worker.on('message', onMessage).on('error', onEnd).on('exit', onEnd)
    worker.postMessage(job)
  })
}
