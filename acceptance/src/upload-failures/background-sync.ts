import type { BrowserContext } from "playwright-core";

/** As Firefox and Safari are: pages that open from now on have no Background Sync. */
export const hideBackgroundSync = (context: BrowserContext): Promise<unknown> =>
  context.addInitScript(() => {
    Reflect.deleteProperty(globalThis, "SyncManager");
    // An empty page is no secure context.
    if ("ServiceWorkerRegistration" in globalThis)
      Reflect.deleteProperty(ServiceWorkerRegistration.prototype, "sync");
  });

/** Headless Chromium asks nobody. */
export const allowBackgroundSync = (context: BrowserContext, web: string): Promise<void> =>
  context.grantPermissions(["notifications", "background-sync"], { origin: new URL(web).origin });
