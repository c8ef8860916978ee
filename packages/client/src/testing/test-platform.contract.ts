import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClientOptions, FilePart, FileSource } from "../ports.ts";

export interface BytesSource extends FileSource {
  body(): Blob;
  part(offsetBytes: number, sizeBytes: number): BlobPart;
}

export interface BlobPart extends FilePart {
  body(): Blob;
}

export const sourceOf = (
  name: string,
  bytes: Uint8Array | string,
  contentType = "image/jpeg",
): BytesSource => {
  const blob = new Blob([typeof bytes === "string" ? bytes : Uint8Array.from(bytes)]);
  return {
    name,
    sizeBytes: blob.size,
    contentType,
    body: () => blob,
    part: (offsetBytes, sizeBytes) => {
      const slice = blob.slice(offsetBytes, offsetBytes + sizeBytes);
      return { sizeBytes: slice.size, body: () => slice };
    },
  };
};

/** A clock on which every wait takes a hundredth, and the waits that were asked for. */
export function createQuickClock() {
  const delaysMs: number[] = [];
  return {
    delaysMs,
    nowMs: () => performance.now() * 100,
    delay: async (delayMs: number, signal: unknown) => {
      delaysMs.push(delayMs);
      await sleep(delayMs / 100, undefined, { signal: signal as AbortSignal });
    },
  };
}

/** Node as a platform for tests: real fetch, waits that take a hundredth of their time. */
export const testPlatform = (
  server: string,
  more: Partial<ClientOptions<BytesSource>> = {},
): ClientOptions<BytesSource> => ({
  server,
  getToken: async () => "token",
  fetch,
  digest: {
    async sha256(source, onRead) {
      const bytes = Buffer.from(await source.body().arrayBuffer());
      onRead(bytes.length);
      return createHash("sha256").update(bytes).digest("hex");
    },
  },
  clock: createQuickClock(),
  random: Math.random,
  abortController: () => new AbortController(),
  // Of the quick clock: a minute and a half.
  requestTimeoutMs: 9_000_000,
  ...more,
});
