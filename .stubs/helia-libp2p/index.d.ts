import type { Libp2p, ServiceMap } from '@libp2p/interface'
export type DefaultLibp2pServices = ServiceMap
export type WithLibp2p<T = object> = { libp2p: Libp2p } & T
export declare const withLibp2p: (...args: unknown[]) => never
