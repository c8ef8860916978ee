import type { WireRequest } from "@stowage/protocol";
import type { AbortSignalLike, BytesSender, FileSource, PartOf, StoreAnswer } from "./ports.ts";
import type { WithinIdleTime } from "./time-limit.ts";

export interface PutNeeds<Source extends FileSource> {
  readonly withinIdleTime: WithinIdleTime;
  readonly send: BytesSender<Source>;
  /** `undefined`: the sender tells nothing of the bytes on their way. */
  readonly idleTimeoutMs: number | undefined;
}

interface PutOptions {
  readonly signal: AbortSignalLike | undefined;
  onSent(sentBytes: number): void;
}

/**
 * Sends bytes by a presigned PUT, and gives it up where nothing moves.
 *
 * @throws NetworkError, AbortedError, and what the sender throws of the source
 */
export const putBytes = <Source extends FileSource>(
  { withinIdleTime, send, idleTimeoutMs }: PutNeeds<Source>,
  request: WireRequest,
  bytes: Source | PartOf<Source>,
  what: string,
  { signal, onSent }: PutOptions,
): Promise<StoreAnswer> =>
  withinIdleTime(`Sending ${what}`, idleTimeoutMs, signal, (abort, moved) =>
    send(request, bytes, {
      signal: abort,
      onSent(sentBytes) {
        moved();
        onSent(sentBytes);
      },
    }),
  );
