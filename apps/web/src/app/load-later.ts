const againMs = 4_000;

type Later = typeof import("./signed-in-later.ts");

let loading: Promise<Later> | undefined;

/**
 * Loads what somebody who is signed in needs after the first screen; before it is wanted, since by then the server may be out of reach.
 * Where it is so already, it is tried until it is there: what is on the page stays usable meanwhile.
 */
export function loadLater(): Promise<Later> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Later> {
  for (;;) {
    try {
      return await import("./signed-in-later.ts");
    } catch {
      // No connection; whatever the reason, the same is asked for again.
      await new Promise((resolve) => setTimeout(resolve, againMs));
    }
  }
}
