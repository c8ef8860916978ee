// What `stowage sw` writes for others, and the half of the application's own service worker that sends with the page closed.

import { handleStowage, type WorkerScope } from "@stowage/client/service-worker";

const scope = self as unknown as WorkerScope & { skipWaiting(): Promise<void> };

handleStowage(scope);
// It keeps nothing of a page: a newer one need not wait until all pages of the older are closed.
scope.addEventListener("install", () => void scope.skipWaiting());
