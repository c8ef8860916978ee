import type { Decide, FaultKind, FaultProxy } from "@stowage/fault-proxy";
import type { FileToSend } from "../load/file-set.ts";
import type { Ended } from "../load/until-still.ts";

/** What every client that is compared gets. */
export interface Race {
  /** Empty, its own. */
  readonly directory: string;
  readonly files: readonly FileToSend[];
  /** What befalls which request: the same plan for all. */
  readonly decide: Decide;
  /** Files, and requests to the store, at a time. */
  readonly concurrency: number;
}

/** How a client came through. */
export interface Finish {
  readonly client: string;
  /** Files that the server has whole, by their SHA-256. */
  readonly arrived: number;
  /** Copies more than one of those. */
  readonly doubled: number;
  /** Files of which the client said that they have arrived. */
  readonly said: number;
  /** Of request bodies that the client sent, to every origin. */
  readonly sentBytes: number;
  readonly seconds: number;
  /** It would never have ended by itself. */
  readonly isHung: boolean;
  readonly requests: number;
  /** Faults that it met, by kind. */
  readonly faults: Readonly<Record<string, number>>;
}

export type Contestant = (race: Race) => Promise<readonly Finish[]>;

/** Sums up what the proxies counted, and what the server has: the SHA-256 of each file there. */
export function finishOf(
  client: string,
  { files }: Race,
  proxies: readonly FaultProxy[],
  ended: Ended,
  { said, there }: { readonly said: number; readonly there: readonly string[] },
): Finish {
  const expected = new Set(files.map(({ sha256 }) => sha256));
  const whole = there.filter((sha256) => expected.has(sha256));
  const arrived = new Set(whole).size;
  const faults = new Map<FaultKind, number>();
  for (const { stats } of proxies)
    for (const [kind, count] of stats.faults) faults.set(kind, (faults.get(kind) ?? 0) + count);
  return {
    client,
    arrived,
    doubled: whole.length - arrived,
    said,
    sentBytes: proxies.reduce((sum, { stats }) => sum + stats.receivedBytes, 0),
    ...ended,
    requests: proxies.reduce(
      (sum, { stats }) => sum + [...stats.requests.values()].reduce((a, b) => a + b, 0),
      0,
    ),
    faults: Object.fromEntries([...faults].sort()),
  };
}
