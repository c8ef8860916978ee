// The service worker of this folder's tests; a message `settle` is answered when all of its work has ended.

import { handleStowage, type WorkerEvent, type WorkerScope } from "./index.ts";

const scope = self as unknown as WorkerScope;
const works: Promise<unknown>[] = [];

handleStowage({
  registration: scope.registration,
  clients: scope.clients,
  addEventListener: (type, listener) =>
    scope.addEventListener(type, (event) => {
      const { tag, data, notification } = event as Required<WorkerEvent>;
      listener({
        ...{ tag, data, notification },
        waitUntil(work) {
          works.push(work);
          event.waitUntil?.(work);
        },
      });
    }),
});

self.addEventListener("message", ({ data, ports }) => {
  if (data === "settle") void Promise.allSettled(works).then(() => ports[0]?.postMessage("settled"));
});
