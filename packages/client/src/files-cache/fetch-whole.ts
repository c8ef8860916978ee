import type { WireRequest } from "@stowage/protocol";
import { assertNotAborted } from "../abortable.ts";
import { ClientError, NetworkError, StoreRefusedError } from "../errors.ts";
import type { Files } from "../files.ts";
import type { AbortSignalLike, Clock } from "../ports.ts";
import type { FetchedBytes, FileCacheOptions } from "./file-cache.ts";
import type { Wish } from "./keep-files.ts";

export interface FetchNeeds extends Pick<FileCacheOptions<unknown>, "fetchBytes" | "sha256"> {
  readonly files: Files;
  readonly clock: Clock;
}

const maxTries = 3;
const pauseMs = 500;

/**
 * The bytes that the server tells of, all of them and no others: their number and, of originals, their SHA-256. What came wrong is
 * fetched again, by another request.
 *
 * @throws ClientError; its code `size-mismatch` or `checksum-mismatch` where other bytes come again and again
 */
export async function fetchWhole(
  { files, fetchBytes, sha256, clock }: FetchNeeds,
  { file, derivative, sizeBytes }: Wish,
  request: Promise<WireRequest>,
  signal: AbortSignalLike,
): Promise<FetchedBytes & { readonly sha256?: string }> {
  const verify = async (fetched: FetchedBytes) => {
    if (fetched.status !== 200) throw new StoreRefusedError(fetched.status, "");
    if (sizeBytes !== undefined && fetched.bytes.length !== sizeBytes)
      throw new ClientError(
        "size-mismatch",
        `${fetched.bytes.length} bytes came where ${sizeBytes} should have.`,
      );
    if (derivative !== "original") return fetched;
    const digest = await sha256(fetched.bytes);
    if (file.sha256 !== undefined && file.sha256 !== digest)
      throw new ClientError("checksum-mismatch", "Other bytes came than the server tells of.");
    return { ...fetched, sha256: digest };
  };
  for (let attempt = 1; ; attempt += 1) {
    const wire =
      attempt === 1
        ? await request
        : await files.download(file.id, { derivative, version: file.version, signal });
    try {
      return await verify(await fetchBytes(wire, signal));
    } catch (cause) {
      assertNotAborted(signal);
      const error =
        cause instanceof ClientError ? cause : new NetworkError("What was fetched did not come.", { cause });
      if (attempt === maxTries) throw error;
      await clock.delay(pauseMs * attempt, signal);
    }
  }
}
