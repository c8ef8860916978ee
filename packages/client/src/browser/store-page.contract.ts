// The page of the tests of this folder's queue store: what they call is on globalThis.

import { ClientError } from "../errors.ts";
import { bytesOf, queueStoreCases, rowOf } from "../queue/queue-store.contract.ts";
import type { QueueRow, QueueStore } from "../queue/queue-store.ts";
import { blobDigest } from "./blob-digest.ts";
import { type BlobSource, blobSource } from "./blob-source.ts";
import { openBrowserStore } from "./open-browser-store.ts";

let store: QueueStore<BlobSource>;
let abort = new AbortController();

/** Also where the store has to go without it. */
const createWritable = globalThis.FileSystemFileHandle?.prototype.createWritable;

/** A file that was deleted after it was picked. */
async function newLostSource(name: string): Promise<BlobSource> {
  const root = await navigator.storage.getDirectory();
  const handle = await root.getFileHandle(name, { create: true });
  const writable = await createWritable.call(handle);
  await writable.write(bytesOf(100));
  await writable.close();
  const file = await handle.getFile();
  await root.removeEntry(name);
  return blobSource(file, name);
}

/** Also in an insecure context. */
const sha256Of = (blob: Blob): Promise<string> => blobDigest.sha256(blobSource(blob), () => undefined);

async function codeOf(doing: Promise<unknown>): Promise<string> {
  try {
    await doing;
    return "done";
  } catch (error) {
    if (error instanceof ClientError) return error.code;
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

const made = (sizeBytes: number, seed?: number): Blob => new Blob([bytesOf(sizeBytes, seed)]);

let madeBytes = 0;
let persistAsked = 0;

/** Where the browser was started so that a page can. */
const collectGarbage = (): void => (globalThis as { gc?: () => void }).gc?.();

/** A large file of which each piece is made when it is read: nothing of it is in memory, or on disk. */
function madeSource(sizeBytes: number, onRead?: (offset: number) => void): BlobSource {
  const read = (offset: number, size: number) => {
    onRead?.(offset);
    madeBytes += size;
    collectGarbage();
    return made(size, offset + 1);
  };
  return {
    ...blobSource(new Blob(), "made"),
    sizeBytes,
    part: (offset, size) => ({ name: "made", sizeBytes: size, body: () => read(offset, size) }),
  };
}

Object.assign(globalThis, {
  /** Names of cases, with what is wrong where something is. */
  async runCases() {
    const outcomes: [string, string][] = [];
    for (const { name, run } of queueStoreCases) {
      try {
        await run<BlobSource>(
          {
            open: openBrowserStore,
            newSource: (fileName, bytes) => blobSource(new File([bytes], fileName, { type: "image/jpeg" })),
            newLostSource,
            read: async (bytes) => new Uint8Array(await (await bytes.body()).arrayBuffer()),
          },
          `https://files.example.org/ ${name}`,
        );
        outcomes.push([name, "holds"]);
      } catch (error) {
        outcomes.push([name, String(error)]);
      }
    }
    return outcomes;
  },
  /** As a browser that can't write files on its main thread, such as WebKit before 26. */
  withoutFiles() {
    Reflect.deleteProperty(FileSystemFileHandle.prototype, "createWritable");
  },
  /** Chromium's own word is 10 GiB, whatever there is. */
  estimateRoom(roomBytes: number) {
    navigator.storage.estimate = async () => ({ quota: roomBytes + 10, usage: 10 });
  },
  madeBytes: () => madeBytes,
  refuseDatabases() {
    indexedDB.open = () => {
      throw new DOMException("Refused.", "SecurityError");
    };
  },
  async openStore(owner: string) {
    store = await openBrowserStore(owner);
    return store.isDurable;
  },
  closeStore: () => store.close(),
  /** As who clears the site's data does. */
  async deleteDatabases() {
    for (const { name = "" } of await indexedDB.databases())
      await new Promise((resolve) => {
        const deleting = indexedDB.deleteDatabase(name);
        deleting.onsuccess = resolve;
        deleting.onerror = resolve;
      });
  },
  write: (ids: string[], more: Partial<QueueRow>) =>
    codeOf(store.write(ids.map((id, index) => rowOf(id, index, more)))),
  /** One row that can't be stored among those that can. */
  writeUnstorable: (ids: string[]) =>
    codeOf(
      store.write([
        ...ids.map((id) => rowOf(id, 1)),
        rowOf("bad", 2, { options: { metadata: { bad: (() => "") as never } } }),
      ]),
    ),
  ids: async () => (await store.load()).map(({ id }) => id),
  keep(id: string, sizeBytes: number) {
    abort = new AbortController();
    return codeOf(store.keep(id, blobSource(made(sizeBytes), id), abort.signal));
  },
  /** Keeps a file without its ever being in memory. */
  keepMade: (id: string, sizeBytes: number) =>
    codeOf(store.keep(id, madeSource(sizeBytes), new AbortController().signal)),
  /** Stops in the middle of a file. */
  keepAborted(id: string, sizeBytes: number) {
    const midway = new AbortController();
    const source = madeSource(sizeBytes, (offset) => {
      if (offset > sizeBytes / 2) midway.abort();
    });
    return codeOf(store.keep(id, source, midway.signal));
  },
  /** The file is shorter than it said. */
  keepShortened: (id: string, sizeBytes: number) =>
    codeOf(
      store.keep(id, { ...blobSource(made(sizeBytes - 1), id), sizeBytes }, new AbortController().signal),
    ),
  release: (id: string) => codeOf(store.release([id])),
  erase: (ids: string[]) => codeOf(store.erase(ids)),
  async sha256(id: string, sizeBytes: number) {
    const source = await store.source(rowOf(id, 1, { sizeBytes }));
    return source ? sha256Of(await source.body()) : "nothing";
  },
  /** Reads a made file part by part, and says which parts differ. */
  async readParts(id: string, sizeBytes: number, partBytes: number) {
    const source = await store.source(rowOf(id, 1, { sizeBytes }));
    const wrong: number[] = [];
    for (let offset = 0; offset < sizeBytes; offset += partBytes) {
      const size = Math.min(partBytes, sizeBytes - offset);
      const part = await source?.part(offset, size);
      collectGarbage();
      const is = part ? await sha256Of(part.body()) : "nothing";
      const pieces = Array.from({ length: Math.ceil(size / 4194304) }, (_, index) => {
        const from = offset + index * 4194304;
        return made(Math.min(4194304, offset + size - from), from + 1);
      });
      if (is !== (await sha256Of(new Blob(pieces)))) wrong.push(offset);
    }
    return wrong;
  },
  /** What the origin has in all: names of databases, and of files with their sizes. */
  async stored() {
    const files: [string, number][] = [];
    const root = await navigator.storage.getDirectory();
    for await (const folder of root.values())
      if (folder.kind === "directory")
        for await (const entry of (folder as FileSystemDirectoryHandle).values())
          if (entry.kind === "file")
            files.push([entry.name, (await (entry as FileSystemFileHandle).getFile()).size]);
    return { files, databases: (await indexedDB.databases()).map(({ name }) => name) };
  },
  async untilMade(sizeBytes: number) {
    while (madeBytes < sizeBytes) await new Promise((resolve) => setTimeout(resolve, 5));
  },
  /** Pieces in a database, and its words on whole files. */
  countPieces: (name: string) =>
    new Promise((resolve) => {
      const opening = indexedDB.open(name);
      opening.onsuccess = () => {
        const counting = opening.result.transaction("bytes").objectStore("bytes").count();
        counting.onsuccess = () => {
          opening.result.close();
          resolve(counting.result);
        };
      };
    }),
  countPersist() {
    navigator.storage.persist = async () => {
      persistAsked += 1;
      return false;
    };
  },
  persistAsked: () => persistAsked,
  /** Whether a database can be opened with a newer version while the store has it open. */
  upgrade: (name: string) =>
    new Promise((resolve) => {
      const opening = indexedDB.open(name, 2);
      opening.onblocked = () => resolve("blocked");
      opening.onsuccess = () => resolve("upgraded");
      opening.onerror = () => resolve("failed");
    }),
});
