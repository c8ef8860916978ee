import { type Fault, type FaultKind, faultKinds } from "./fault.ts";
import type { Decide, ProxiedRequest } from "./start-fault-proxy.ts";

export interface RandomFaultsOptions {
  /** Of requests that meet a fault, 0 to 1. */
  readonly rate: number;
  readonly seed: number;
  /** Each is as likely as the others. Default all; `expired` befalls a store's requests only. */
  readonly kinds?: readonly FaultKind[];
  /** Of `slow`. Default 256 KiB a second. */
  readonly bytesPerSecond?: number;
}

/**
 * A plan for any number of proxies: what befalls a request depends on the seed, the proxy's name and how many requests
 * that proxy has had, on nothing else.
 *
 * @throws RangeError where the rate is none, or there are no kinds
 */
export function randomFaults({
  rate,
  seed,
  kinds = faultKinds,
  bytesPerSecond,
}: RandomFaultsOptions): Decide {
  if (!(rate >= 0 && rate <= 1)) throw new RangeError(`rate: ${rate} is not between 0 and 1`);
  if (kinds.length === 0) throw new RangeError("kinds: there are none");
  return (request) => {
    const draw = (what: string): number => drawFrom(`${seed} ${request.proxy} ${request.index} ${what}`);
    if (draw("whether") >= rate) return undefined;
    const possible = kinds.filter((kind) => kind !== "expired" || request.speaks === "s3");
    const kind = possible[Math.floor(draw("kind") * possible.length)];
    return kind && faultOf(kind, request, draw("where"), bytesPerSecond);
  };
}

function faultOf(
  kind: FaultKind,
  { bodyBytes }: ProxiedRequest,
  where: number,
  bytesPerSecond: number | undefined,
): Fault {
  switch (kind) {
    case "reset":
    case "stall":
      return bodyBytes ? { kind, afterBytes: Math.floor(where * bodyBytes) } : { kind };
    case "slow":
      return bytesPerSecond === undefined ? { kind } : { kind, bytesPerSecond };
    case "clock-skew":
      return { kind, shiftSeconds: where < 0.5 ? -86_400 : 86_400 };
    default:
      return { kind };
  }
}

/** 0 (included) to 1, the same for the same words: FNV-1a, then MurmurHash3's last step. */
function drawFrom(words: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(words)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
