import { assertNotAborted } from "../abortable.ts";
import { loadLater } from "../load-later.ts";
import type { Digest } from "../ports.ts";
import type { BlobSource } from "./blob-source.ts";
import { readBlob } from "./read-blob.ts";

/** More than this is not read into memory: only parts of the largest files are larger. */
const atOnceBytes = 64_000_000;

/**
 * SHA-256 by SubtleCrypto, which wants all bytes at once: a whole file up to the single-PUT limit, or a part. What is too
 * large for that, and on a page without it (an insecure context) everything, by JavaScript, loaded only then, in slices between which the page lives.
 */
export const blobDigest: Digest<BlobSource> = {
  async sha256(bytes, onRead, signal) {
    const blob = await bytes.body();
    // The type says that it is always there; in an insecure context it is not.
    const subtle = globalThis.crypto.subtle as SubtleCrypto | undefined;
    if (!subtle || blob.size > atOnceBytes) {
      const { sha256InSlices } = await loadLater(() => import("./sha256-in-javascript.ts"));
      const readSlice = (from: number, to: number) => {
        assertNotAborted(signal);
        return readBlob(blob.slice(from, to), bytes.name);
      };
      return hexOf(await sha256InSlices(blob.size, readSlice, onRead));
    }
    const read = await readBlob(blob, bytes.name);
    const digest = new Uint8Array(await subtle.digest("SHA-256", read));
    onRead(read.length);
    return hexOf(digest);
  },
};

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
