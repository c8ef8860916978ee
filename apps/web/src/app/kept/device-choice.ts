// What this browser remembers between visits, beside the kept pictures themselves. A browser without storage remembers nothing.

const readerKey = "stowage-reads-offline";
const refusedKey = "stowage-keeps-nothing";

/**
 * Whose kept pictures a start without a network shows: who was signed in last, until they sign out, their session ends or somebody else
 * signs in. No name, no token.
 */
export const offlineReader = {
  get: (): string | undefined => stored((storage) => storage.getItem(readerKey)) ?? undefined,
  set: (subject: string): void => void stored((storage) => storage.setItem(readerKey, subject)),
  forget: (): void => void stored((storage) => storage.removeItem(readerKey)),
};

/** Whether pictures are kept in this browser: unless somebody has said no here. It holds for whoever signs in next, too. */
export const keepsPictures = {
  get: (): boolean => canKeep() && !stored((storage) => storage.getItem(refusedKey)),
  set(wanted: boolean): void {
    stored((storage) => (wanted ? storage.removeItem(refusedKey) : storage.setItem(refusedKey, "1")));
  },
};

/**
 * On plain http beyond this machine whoever answers to the same address, in another network, could read what is kept: nothing is.
 */
export const canKeep = (): boolean => isSecureContext && "indexedDB" in globalThis;

function stored<Result>(work: (storage: Storage) => Result): Result | undefined {
  try {
    return work(localStorage);
  } catch {
    // Refused by the browser, or full.
    return undefined;
  }
}
