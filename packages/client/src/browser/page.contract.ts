// The page of the tests of this folder: what they call is on globalThis.

import { ClientError } from "../errors.ts";
import type { Progress } from "../progress.ts";
import type { Uploader } from "../uploader.ts";
import { blobDigest } from "./blob-digest.ts";
import { type BlobSource, blobSource } from "./blob-source.ts";
import { createBrowserUploader } from "./browser-client.ts";

let client: Uploader<BlobSource> | undefined;
let picked: BlobSource[] = [];
let abort = new AbortController();
const told: Progress[] = [];

const input = document.createElement("input");
input.type = "file";
input.multiple = true;
input.onchange = () => {
  picked = Array.from(input.files ?? [], (file) => blobSource(file));
};
document.body.append(input);

async function upload(source: BlobSource | undefined) {
  if (!client || !source) throw new Error("Nothing to upload, or nowhere to.");
  told.length = 0;
  abort = new AbortController();
  try {
    const { upload: sent } = await client.upload(source, {
      signal: abort.signal,
      onProgress: (progress) => told.push(progress),
    });
    return { state: sent.state, contentType: sent.contentType, sha256: sent.sha256 };
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    return { code: error.code, message: error.message };
  }
}

/** The same bytes for the same size, and no two places alike. */
function made(sizeBytes: number): Blob {
  const bytes = new Uint32Array(Math.ceil(sizeBytes / 4));
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = Math.imul(index + 1, 2654435761);
  return new Blob([bytes.buffer.slice(0, sizeBytes)], { type: "image/jpeg" });
}

Object.assign(globalThis, {
  start(server: string) {
    client = createBrowserUploader({ server, getToken: async () => "token" });
  },
  uploadPicked: (index: number) => upload(picked[index]),
  uploadMade: (sizeBytes: number, name: string) => upload(blobSource(made(sizeBytes), name)),
  told: () =>
    told.map(({ stage, doneBytes, retry }) => [
      stage,
      doneBytes,
      retry?.error.code ?? null,
      retry?.delayMs ?? 0,
    ]),
  abort: () => abort.abort(),
  /** Hashes made bytes, and tells the longest task of the page meanwhile. */
  async digest(sizeBytes: number) {
    const source = blobSource(made(sizeBytes), "made");
    let longestTaskMs = 0;
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longestTaskMs = Math.max(longestTaskMs, duration);
    });
    observer.observe({ type: "longtask" });
    let readBytes = 0;
    const sha256 = await blobDigest.sha256(source, (bytes) => {
      readBytes = bytes;
    });
    // Long tasks are told in a task of their own.
    await new Promise((resolve) => setTimeout(resolve, 200));
    observer.disconnect();
    return { sha256, readBytes, longestTaskMs, isSecureContext, hasSubtle: crypto.subtle !== undefined };
  },
});
