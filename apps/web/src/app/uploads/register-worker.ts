import type { BrowserClient } from "@stowage/client/browser";

/** What is used of a Trusted Types factory (https://www.w3.org/TR/trusted-types/). */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(): string },
  ): { createScriptURL(input: string): string };
}

const address = "/stowage-sw.js";
let policy: ReturnType<TrustedTypes["createPolicy"]> | undefined;

/** The one address that the page's policy lets become a script; each policy can be made once. */
function trustedAddress(): string {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes };
  policy ??= trustedTypes?.createPolicy("stowage-worker", { createScriptURL: () => address });
  return policy?.createScriptURL(address) ?? address;
}

/**
 * Has the service worker there: the application starts without a network then, and goes on sending with the page closed. Where its
 * script can't be had, it is asked for again when the network is back.
 */
export async function registerWorker(): Promise<void> {
  // None in an insecure context.
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register(trustedAddress());
  } catch (error) {
    console.warn(
      "This page does not start without a network, and what is unsent when it is closed waits.",
      error,
    );
    addEventListener("online", () => void registerWorker(), { once: true });
  }
}

/** Once something is kept to be sent, the service worker is there to send it with the page closed. */
export function registerWorkerFor({ uploads }: Pick<BrowserClient, "uploads">): void {
  // Without Background Sync it would have nothing to do.
  if (!("SyncManager" in globalThis)) return;
  const look = () => {
    if (!uploads.isDurable || uploads.unsent() === 0) return;
    stop();
    void registerWorker();
  };
  const stop = uploads.subscribe(look);
  look();
}
