import type { Page } from "playwright-core";

/** What a browser keeps of an origin: enough to find a name, an id, or a picture's bytes in. */
export interface Device {
  /** Every record of every database, bytes as their number; every address in its caches; its storages and its files' names. */
  readonly text: string;
  /** Of each picture kept for reading offline: its file's id and derivative. */
  readonly kept: readonly {
    readonly fileId: string;
    readonly derivative: string;
    readonly sizeBytes: number;
  }[];
}

/** Reads everything that the page's origin keeps in this browser, as somebody at this device could. */
export const readDevice = (page: Page): Promise<Device> =>
  page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const plain = (_name: string, value: unknown) =>
      value instanceof ArrayBuffer || value instanceof Blob
        ? `bytes ${value instanceof Blob ? value.size : value.byteLength}`
        : value;
    const found: string[] = [];
    const kept: { fileId: string; derivative: string; sizeBytes: number }[] = [];
    for (const { name = "" } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      found.push(`database ${name}`);
      for (const store of database.objectStoreNames) {
        const records = database.transaction(store).objectStore(store);
        const [keys, values] = await Promise.all([done(records.getAllKeys()), done(records.getAll())]);
        for (const [index, key] of keys.entries())
          found.push(JSON.stringify([store, key, values[index]], plain));
        if (name === "stowage-kept-files" && store === "bytes")
          for (const [index, key] of keys.entries()) {
            const [, fileId, derivative] = key as string[];
            kept.push({
              fileId: fileId ?? "",
              derivative: derivative ?? "",
              sizeBytes: values[index].byteLength,
            });
          }
      }
      database.close();
    }
    // The rest is for secure contexts.
    if (!isSecureContext) return { text: found.join("\n"), kept };
    for (const name of await caches.keys()) {
      found.push(`cache ${name}`);
      const cache = await caches.open(name);
      for (const { url } of await cache.keys()) {
        const answer = await cache.match(url);
        found.push(url, (await answer?.text()) ?? "");
      }
    }
    found.push(JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }));
    const folders = [await navigator.storage.getDirectory()];
    for (const folder of folders)
      for await (const [name, entry] of folder as unknown as AsyncIterable<[string, FileSystemHandle]>) {
        found.push(`file ${name}`);
        if (entry.kind === "directory") folders.push(entry as FileSystemDirectoryHandle);
      }
    return { text: found.join("\n"), kept };
  });
