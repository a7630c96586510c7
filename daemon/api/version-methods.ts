/** The methods of the local API about what was published before. */

/** What was said of a version. */
export interface VersionMark {
  /** `~k51.../forum@1.2.0` */
  name: string
  version: string
  yanked: boolean
  /** why not to use it, or not any more */
  deprecated: string | null
  warnings: string[]
}

/** method name: parameters and answer; `undo` takes back what was said */
export interface VersionMethods {
  /** @param message why; one line */
  yank: { params: { name: string; message?: string; undo?: boolean }; result: VersionMark }
  deprecate: { params: { name: string; message?: string; undo?: boolean }; result: VersionMark }
  /** Ends a service on this node. `freed`: bytes of its history */
  remove: { params: { name: string }; result: { name: string; service: string; freed: number; warnings: string[] } }
  unpublish: { params: { name: string }; result: { name: string; warnings: string[] } }
}
