import type { FaultKind } from "./fault.ts";

/** What has gone through a proxy so far; it goes on counting. */
export interface ProxyStats {
  /** By method, CORS preflights (`OPTIONS`) among them. */
  readonly requests: ReadonlyMap<string, number>;
  /** Of request bodies, as they came from the client, whether or not they arrived anywhere. */
  readonly receivedBytes: number;
  /** Of request bodies, as they were written to the target. */
  readonly forwardedBytes: number;
  /** Of answers' bodies, as they were written to the client. */
  readonly answeredBytes: number;
  readonly faults: ReadonlyMap<FaultKind, number>;
  /** Connections that were reset while the proxy was offline, those that were open when it went among them. */
  readonly refusedConnections: number;
  /** Requests that the target left without a whole answer though no fault was planned. */
  readonly targetFailures: number;
}

/** The same, while it is counted. */
export interface Counts {
  requests: Map<string, number>;
  receivedBytes: number;
  forwardedBytes: number;
  answeredBytes: number;
  faults: Map<FaultKind, number>;
  refusedConnections: number;
  targetFailures: number;
}

export const noCounts = (): Counts => ({
  requests: new Map(),
  receivedBytes: 0,
  forwardedBytes: 0,
  answeredBytes: 0,
  faults: new Map(),
  refusedConnections: 0,
  targetFailures: 0,
});

export const count = <Key>(counts: Map<Key, number>, key: Key): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};
