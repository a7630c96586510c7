export type TestErrorCode = 'NOT_MOCKED' | 'MOCK_INVALID' | 'NOT_SUPPORTED' | 'TIMED_OUT'

/** What is wrong with a test, not with the contract. */
export class TestError extends Error {
  override readonly name = 'TestError'
  readonly code: TestErrorCode
  readonly hint: string

  constructor(code: TestErrorCode, message: string, hint: string) {
    super(message)
    this.code = code
    this.hint = hint
  }
}
