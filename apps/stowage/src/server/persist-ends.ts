import { setTimeout as delay } from "node:timers/promises";
import { type MetadataStore, MetadataUnavailableError } from "@stowage/core";

/** Between two tries to write what a verification has come to. The store itself has tried for seconds by then. */
const retryMs = 500;

/**
 * A store that writes the end of a verification however long the database is away, so that the work is not done again and no
 * attempt is used up by it: until `signal` says that the claim is lost or the worker stops.
 *
 * @param onRetry told of each try that came to nothing
 */
export function persistEnds(
  metadata: MetadataStore,
  signal: AbortSignal,
  onRetry: (error: MetadataUnavailableError) => void,
): MetadataStore {
  const persist = async <Result>(write: () => Promise<Result>): Promise<Result> => {
    for (;;) {
      try {
        return await write();
      } catch (error) {
        if (!(error instanceof MetadataUnavailableError) || signal.aborted) throw error;
        onRetry(error);
      }
      // Woken early by the signal: one last try.
      await delay(retryMs, undefined, { signal }).catch(() => undefined);
    }
  };
  return {
    ...metadata,
    finishUpload: (command) => persist(() => metadata.finishUpload(command)),
    releaseClaim: (command) => persist(() => metadata.releaseClaim(command)),
  };
}
