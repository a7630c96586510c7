/** Failures in words: what a reader of the page is told, by code. */
import { MAX_LINE_LENGTH } from './constants.ts'
import { PageError, type RequestErrorCode } from './errors.ts'
import { clip } from './format.ts'

export interface Problem {
  code: string
  status: number
  title: string
  text: string
  /** what the contract itself said, if it said something */
  detail?: string
  /** a command line that goes on from there */
  line?: string
}

type Words = Pick<Problem, 'status' | 'title' | 'text'> & { says?: true }

const requests: Readonly<Record<RequestErrorCode, Words>> = {
  HOST_MISSING: { status: 400, title: 'No host', text: 'The request has to name exactly one host in its Host header.' },
  HOST_UNKNOWN: {
    status: 421,
    title: 'Not a name of this node',
    text: 'This node does not answer under the host name in the address bar. Open it as localhost, with its port.',
  },
  METHOD_NOT_ALLOWED: { status: 405, title: 'Read only', text: 'These pages can only be read: GET and HEAD.' },
  CROSS_SITE: {
    status: 403,
    title: 'Not from another site',
    text: 'Another web site may link here, but may not load these pages.',
  },
  BODY_REFUSED: { status: 413, title: 'No body, please', text: 'A request for a page carries no body.' },
  URL_INVALID: {
    status: 400,
    title: 'Broken address',
    text: 'The address holds a broken escape, “..” or a forbidden character.',
  },
  URL_TOO_LONG: { status: 414, title: 'Address too long', text: 'The address is longer than this node accepts.' },
  HEADERS_TOO_LARGE: {
    status: 431,
    title: 'Headers too large',
    text: 'The headers are larger than this node accepts.',
  },
  REQUEST_MALFORMED: { status: 400, title: 'Malformed request', text: 'This is not a valid HTTP request.' },
  REQUEST_TOO_SLOW: { status: 408, title: 'Request too slow', text: 'The request did not arrive in time.' },
  PAGE_BUSY: {
    status: 503,
    title: 'Busy',
    text: 'This node is answering as many requests as it takes. Try again in a moment.',
  },
  NO_SUCH_PAGE: { status: 404, title: 'Nothing here', text: 'This node has no such page.' },
  NO_SUCH_SERVICE: { status: 404, title: 'No such service', text: 'No service of this name lives on this node.' },
  NO_SUCH_COMMIT: {
    status: 404,
    title: 'No such commit',
    text: 'This service has no such commit on this node: it was never made, was pruned, or belongs to another service.',
  },
  NODE_TOO_SLOW: {
    status: 504,
    title: 'The node is slow',
    text: 'The node did not describe itself in time. Try again in a moment.',
  },
  RENDER_TOO_SLOW: {
    status: 504,
    title: 'Too slow',
    text: 'The contract did not render this page in time. The node has moved on.',
  },
  MARKDOWN_NOT_TEXT: { status: 502, title: 'Not text', text: 'The contract’s code gave something that is not text.' },
  MARKDOWN_TOO_LARGE: {
    status: 502,
    title: 'Too large',
    text: 'The contract’s code gave more text than a page may have.',
  },
  MARKDOWN_TOO_SLOW: {
    status: 502,
    title: 'Too complicated',
    text: 'The contract’s Markdown took too long to lay out.',
  },
  MARKDOWN_FAILED: { status: 502, title: 'Unreadable', text: 'The contract’s Markdown could not be laid out.' },
  PAGE_FAILED: { status: 500, title: 'Something broke', text: 'The node failed to make this page. Its log says why.' },
}

/** How a contract can fail while it renders. `says`: the error's message is the contract's own and is shown. */
const contract: Readonly<Record<string, Words>> = {
  CONTRACT_THREW: {
    status: 502,
    title: 'The contract threw an error',
    text: 'Its code ended in an error of its own.',
    says: true,
  },
  NO_SUCH_FUNCTION: { status: 502, title: 'No render', text: 'The contract does not export a function render.' },
  NEVER_SETTLED: {
    status: 502,
    title: 'It never answered',
    text: 'The contract’s code returned a promise that nothing settles.',
  },
  OUT_OF_GAS: {
    status: 502,
    title: 'Out of gas',
    text: 'The contract’s code used up all the gas that a page may cost.',
  },
  OUT_OF_MEMORY: { status: 502, title: 'Out of memory', text: 'The contract’s code used up its memory.' },
  STACK_OVERFLOW: { status: 502, title: 'Too deep', text: 'The contract’s code called itself too deeply.' },
  RESULT_TOO_LARGE: {
    status: 502,
    title: 'Too large',
    text: 'The contract’s code gave more than a result may hold.',
  },
  RESULT_NOT_A_VALUE: {
    status: 502,
    title: 'Not text',
    text: 'The contract’s code gave something that is not a value.',
  },
  WATCHDOG: { status: 504, title: 'Too slow', text: 'The contract was stopped because it ran for too long.' },
  VM_CRASHED: {
    status: 502,
    title: 'It crashed',
    text: 'The machine that runs the contract crashed. It starts again by itself.',
  },
}

/** What the daemon's other parts say of a state, a history or a commit. */
const daemon: Readonly<Record<string, Words>> = {
  ACCESS_DENIED: {
    status: 403,
    title: 'Not for everybody',
    text: 'This service does not show it to everybody, and this page asks as nobody in particular. Its owner sees it with amigo.',
  },
  BLOCK_MISSING: { status: 404, title: 'Not on this node', text: 'A part of it is not on this node, or was pruned.' },
  NOT_A_COMMIT: { status: 404, title: 'No such commit', text: 'What has this ID is no commit.' },
  SERVICE_BUSY: { status: 503, title: 'Busy', text: 'The service has too much to do. Try again in a moment.' },
}

/** What the daemon says where a state is too large to be written down at once; of a page that renders they mean something else. */
const TOO_LARGE_STATE: ReadonlySet<unknown> = new Set(['RESULT_TOO_LARGE', 'OUT_OF_MEMORY', 'OUT_OF_GAS'])

/** The problem with a state that cannot be shown. @param line with which a part of it is read */
export function stateProblem(error: unknown, line: string | undefined): Problem {
  const { code } = (typeof error === 'object' && error !== null ? error : {}) as { code?: unknown }
  if (!TOO_LARGE_STATE.has(code)) return toProblem(error)
  return {
    code: String(code),
    status: 502,
    title: 'Too large to be shown',
    text: 'The service runs, but what its variables hold is too large for one page. A part of it is shown by its path: put the name of a variable, and of what is in it, in the place of VARIABLE.',
    ...(line !== undefined && { line }),
  }
}

/** The problem with a request that was refused before any page was asked for. */
export function requestProblem(code: RequestErrorCode): Problem {
  return problem(code, requests[code])
}

/**
 * An error in words. Only messages that are known to be a contract's own are shown: others may hold paths of this machine, so
 * that of an unknown failure no more than the code gets out.
 */
export function toProblem(error: unknown): Problem {
  const { code, message } = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>
  if (error instanceof PageError && Object.hasOwn(requests, error.code)) {
    return requestProblem(error.code as RequestErrorCode)
  }
  if (typeof code !== 'string' || !/^[A-Z][A-Z0-9_]{1,47}$/.test(code)) return requestProblem('PAGE_FAILED')
  const words = [contract, daemon].find((table) => Object.hasOwn(table, code))?.[code]
  if (words === undefined) return { ...requestProblem('PAGE_FAILED'), code }
  return { ...problem(code, words), ...(words.says && { detail: clip(message, MAX_LINE_LENGTH) }) }
}

function problem(code: string, { status, title, text }: Words): Problem {
  return { code, status, title, text }
}
