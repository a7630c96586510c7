/** The part of the WebAssembly JavaScript interface that the compiler's libraries for Node.js leave out. */
declare namespace WebAssembly {
  interface Global {
    value: unknown
  }
  interface Memory {
    readonly buffer: ArrayBuffer
    grow(pages: number): number
  }
  interface Instance {
    readonly exports: Record<string, unknown>
  }
  interface Table {
    set(index: number, element: unknown): void
  }
  const Instance: new (module: Module, imports: object) => Instance
  const Memory: new (size: { initial: number; maximum: number }) => Memory
  const Module: {
    new (bytes: Uint8Array): Module
    customSections(module: Module, name: string): ArrayBuffer[]
    exports(module: Module): { name: string; kind: string }[]
  }
  const RuntimeError: new (message?: string) => Error
}
