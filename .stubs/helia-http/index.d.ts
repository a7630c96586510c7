export declare const withHTTP: (...args: unknown[]) => never
