import { createSecretKey } from "node:crypto";
import type { ChosenPart, CompletedObject } from "../storage/complete-upload.ts";
import { createDiskStore, type DiskStore } from "../storage/disk-store.ts";
import { diskFileOperations, type FileOperations } from "../storage/file-operations.ts";
import type { OpenUpload } from "../storage/open-upload.ts";

export const testMasterKey = new Uint8Array(32).fill(7);

export async function openTestStore(
  directory: string,
  operations: FileOperations = diskFileOperations,
  masterKey: Uint8Array = testMasterKey,
  minPartBytes = 1,
): Promise<DiskStore> {
  const store = createDiskStore({
    directory,
    masterKey: createSecretKey(masterKey),
    operations,
    now: () => new Date(),
    minPartBytes,
  });
  await store.prepare();
  return store;
}

/** Stores content in chunks of `chunkBytes`, as a connection would bring it. */
export async function putContent(
  store: DiskStore,
  key: string,
  content: Buffer,
  { chunkBytes = 65_536, onlyIfAbsent = false } = {},
): Promise<{ readonly etag: string }> {
  const incoming = await store.receive(key, { sizeBytes: content.length, withMd5: false, onlyIfAbsent });
  try {
    for (let at = 0; at < content.length; at += chunkBytes)
      await incoming.push(content.subarray(at, at + chunkBytes));
    await incoming.finish();
  } catch (error) {
    await incoming.discard();
    throw error;
  }
  return incoming.publish({ contentType: "text/plain" });
}

/** The content of an object, or the part of it; `undefined` where there is none. */
export async function getContent(
  store: DiskStore,
  key: string,
  range?: { readonly start: number; readonly end: number },
): Promise<Buffer | undefined> {
  const object = await store.open(key);
  if (!object) return undefined;
  try {
    const plain: Buffer[] = [];
    const { start, end } = range ?? { start: 0, end: object.metadata.sizeBytes };
    for await (const batch of object.read(start, end)) plain.push(...batch);
    return Buffer.concat(plain);
  } finally {
    await object.close();
  }
}

/** Sends a part, and resolves with how whoever completes the upload names it. */
export async function putPart(
  store: DiskStore,
  upload: OpenUpload,
  number: number,
  content: Buffer,
): Promise<ChosenPart> {
  const incoming = await store.uploads.receivePart(upload, number, {
    sizeBytes: content.length,
    withMd5: false,
  });
  try {
    await incoming.push(content);
    await incoming.finish();
  } catch (error) {
    await incoming.discard();
    throw error;
  }
  return { number, ...(await incoming.publish()) };
}

export async function beginUpload(store: DiskStore, key: string): Promise<OpenUpload> {
  return store.uploads.find(key, await store.uploads.create({ key, contentType: "text/plain" }));
}

export const completeUpload = (
  store: DiskStore,
  upload: OpenUpload,
  parts: readonly ChosenPart[],
  onlyIfAbsent = false,
): Promise<CompletedObject> =>
  store.uploads.complete(upload, parts, {
    onlyIfAbsent,
    maxObjectBytes: Number.MAX_SAFE_INTEGER,
    accept: () => undefined,
  });

/** Uploads an object in parts from begin to end. */
export async function putInParts(store: DiskStore, key: string, contents: readonly Buffer[]): Promise<void> {
  const upload = await beginUpload(store, key);
  const parts: ChosenPart[] = [];
  for (const content of contents) parts.push(await putPart(store, upload, parts.length + 1, content));
  await completeUpload(store, upload, parts);
}
