import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { InspectionFailedError } from "./inspection-failed-error.ts";
import { createPartDigests, type DeclaredParts } from "./part-digests.ts";

export interface ReceivedBody {
  /** False where more bytes came than `limitBytes`: reading stopped there, and size and hash are of no use. */
  readonly complete: boolean;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** The first part, counted from 1, that is not as declared. */
  readonly wrongPart?: number;
}

export interface ReceiveOptions {
  readonly signal?: AbortSignal | undefined;
  readonly parts?: DeclaredParts | undefined;
}

/**
 * Writes a body to a new file that only this user can read, and computes size and SHA-256 (its parts' too, where they
 * were declared) in the same pass. A body may come as slowly as it likes: only its source knows how long is too long.
 * Throws InspectionFailedError: `source-failed`, `temporary-file-failed`, `aborted`.
 */
export async function receiveBody(
  body: AsyncIterable<Uint8Array>,
  path: string,
  limitBytes: number,
  { signal, parts }: ReceiveOptions = {},
): Promise<ReceivedBody> {
  const hash = createHash("sha256");
  const partDigests = parts && createPartDigests(parts);
  let sizeBytes = 0;

  async function* measured(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of body) {
        sizeBytes += chunk.byteLength;
        if (sizeBytes > limitBytes) return;
        hash.update(chunk);
        partDigests?.update(chunk);
        yield chunk;
      }
    } catch (cause) {
      throw new InspectionFailedError("source-failed", "The file's bytes could not be read to their end.", {
        cause,
      });
    }
  }

  const aborted = Promise.withResolvers<never>();
  // While the file is being opened nobody waits for it yet: unmet, a rejection would end the process.
  aborted.promise.catch(() => undefined);
  const onAbort = (): void => aborted.reject(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  try {
    signal?.throwIfAborted();
    const file = await open(path, "wx", 0o600);
    const written = pipeline(measured, file.createWriteStream(), signal ? { signal } : {});
    // A pipeline waits for its source even when it is aborted, and a source may never say anything again.
    await Promise.race([written, aborted.promise]);
  } catch (cause) {
    if (signal?.aborted) {
      throw new InspectionFailedError("aborted", "The inspection was aborted.", { cause: signal.reason });
    }
    if (cause instanceof InspectionFailedError) throw cause;
    throw new InspectionFailedError("temporary-file-failed", "The temporary copy could not be written.", {
      cause,
    });
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
  const complete = sizeBytes <= limitBytes;
  const wrongPart = complete ? partDigests?.finish() : undefined;
  return {
    complete,
    sizeBytes,
    sha256: hash.digest("hex"),
    ...(wrongPart === undefined ? {} : { wrongPart }),
  };
}
