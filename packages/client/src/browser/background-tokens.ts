/** What a service worker may send one person's queue with. */
export interface BackgroundToken {
  /** Whose queue at which server, as its store is opened by. */
  readonly owner: string;
  readonly server: string;
  /** Of the token, to take it back by. */
  readonly id: string;
  /** A capability token (`uploads:write`): never a person's own. */
  readonly token: string;
  /** By this device's clock. */
  readonly expiresAtMs: number;
}

/** Between a page and its service worker, on this device: one for each person that is signed in here. */
export interface BackgroundTokens {
  all(): Promise<BackgroundToken[]>;
  get(owner: string): Promise<BackgroundToken | undefined>;
  put(token: BackgroundToken): Promise<unknown>;
  remove(owner: string): Promise<unknown>;
  close(): void;
}

const name = "tokens";

const resultOf = <Result>(request: IDBRequest<Result>): Promise<Result> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/**
 * By IndexedDB itself: a library would be loaded for it, or shared in a file of its own, which every upload's page would load.
 *
 * @throws DOMException, where the browser gives none
 */
export async function openBackgroundTokens(): Promise<BackgroundTokens> {
  const opening = indexedDB.open("stowage-background", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(name, { keyPath: "owner" });
  const database = await resultOf(opening);
  // A newer version of this program is not kept waiting.
  database.onversionchange = () => database.close();
  const store = (mode?: IDBTransactionMode) => database.transaction(name, mode).objectStore(name);
  return {
    all: () => resultOf<BackgroundToken[]>(store().getAll()),
    get: (owner) => resultOf<BackgroundToken | undefined>(store().get(owner)),
    put: (token) => resultOf(store("readwrite").put(token)),
    remove: (owner) => resultOf(store("readwrite").delete(owner)),
    close: () => database.close(),
  };
}
