/** Calls of imports, as they pass between a contract and its host. See specs/vm.md, "Imports". */

/** One call of an imported function by a contract that runs. */
export interface Ask {
  /** name of the import in amigo.yaml */
  import: string
  method: string
  /** the arguments: UTF-8 JSON text of an array, in the value encoding of specs/values.md */
  args: Uint8Array
  /** most that it, and all that is asked below it, may use, in units */
  gas: bigint
}

/** What came of an ask; `gas` is what it and all below it used, in units. */
export type ImportAnswer =
  | {
      ok: true
      /** UTF-8 JSON text of one value */
      result: Uint8Array
      gas: bigint
    }
  | {
      ok: false
      /** a code of daemon/api/codes.ts, which the contract can read */
      code: string
      message: string
      gas: bigint
    }
