import { readPeakBytes } from "./resident-memory.ts";
import { childrenOf, lastOfChain } from "./sandbox/processes.ts";

/** The most memory that any decoding process of this process has had, watched while it lives. */
export function watchDecoders(): { peakBytes(): number; stop(): void } {
  let most = 0;
  const timer = setInterval(() => {
    for (const child of childrenOf(process.pid))
      most = Math.max(most, readPeakBytes(lastOfChain(child)) ?? 0);
  }, 10);
  return { peakBytes: () => most, stop: () => clearInterval(timer) };
}
