import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { InspectionFailedError } from "./inspection-failed-error.ts";

export interface ReceivedBody {
  /** False where more bytes came than `limitBytes`: reading stopped there, and size and hash are of no use. */
  readonly complete: boolean;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/**
 * Writes a body to a new file that only this user can read, and computes size and SHA-256 in the same pass.
 * Throws InspectionFailedError: `source-failed`, `temporary-file-failed`, `aborted`.
 */
export async function receiveBody(
  body: AsyncIterable<Uint8Array>,
  path: string,
  limitBytes: number,
  signal?: AbortSignal,
): Promise<ReceivedBody> {
  const hash = createHash("sha256");
  let sizeBytes = 0;

  async function* measured(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of body) {
        sizeBytes += chunk.byteLength;
        if (sizeBytes > limitBytes) return;
        hash.update(chunk);
        yield chunk;
      }
    } catch (cause) {
      throw new InspectionFailedError("source-failed", "The file's bytes could not be read to their end.", {
        cause,
      });
    }
  }

  const aborted = Promise.withResolvers<never>();
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
  return { complete: sizeBytes <= limitBytes, sizeBytes, sha256: hash.digest("hex") };
}
