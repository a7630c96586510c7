/** Failures of the page server, by code. Those of requests have their words in `problems.ts`. */

export type StartErrorCode = 'PORT_IN_USE' | 'PORT_REFUSED' | 'LISTEN_FAILED' | 'NOT_STARTED'

export type RequestErrorCode =
  | 'HOST_MISSING'
  | 'HOST_UNKNOWN'
  | 'METHOD_NOT_ALLOWED'
  | 'CROSS_SITE'
  | 'BODY_REFUSED'
  | 'URL_INVALID'
  | 'URL_TOO_LONG'
  | 'HEADERS_TOO_LARGE'
  | 'REQUEST_MALFORMED'
  | 'REQUEST_TOO_SLOW'
  | 'PAGE_BUSY'
  | 'NO_SUCH_PAGE'
  | 'NO_SUCH_SERVICE'
  | 'NO_SUCH_COMMIT'
  | 'NODE_TOO_SLOW'
  | 'RENDER_TOO_SLOW'
  | 'MARKDOWN_NOT_TEXT'
  | 'MARKDOWN_TOO_LARGE'
  | 'MARKDOWN_TOO_SLOW'
  | 'MARKDOWN_FAILED'
  | 'PAGE_FAILED'

export type PageErrorCode = StartErrorCode | RequestErrorCode

export class PageError extends Error {
  readonly code: PageErrorCode
  readonly hint: string

  constructor(code: PageErrorCode, message: string, hint = '') {
    super(message)
    this.name = 'PageError'
    this.code = code
    this.hint = hint
  }
}
