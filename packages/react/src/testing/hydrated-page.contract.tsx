// A page that goes on from what a server has rendered of it: what tests call is on globalThis.
import { blobSource, createBrowserUploader } from "@stowage/client/browser";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { createUploadQueue, StowageProvider, type UploadQueue, useUpload, useUploads } from "../index.ts";

const client = createBrowserUploader({ server: location.origin, getToken: async () => undefined });
const newId = "1";

function Uploads(): ReactElement {
  const { items, totals } = useUploads();
  const one = useUpload(items[0]?.id ?? newId);
  return (
    <output>
      {items.length} of {totals.files}: {one?.name ?? "none"}
    </output>
  );
}

const app = (queue: UploadQueue) => (
  <QueryClientProvider client={new QueryClient()}>
    <StowageProvider client={client} queue={queue}>
      <Uploads />
    </StowageProvider>
  </QueryClientProvider>
);

const complaints: string[] = [];
Object.assign(globalThis, {
  /** Over a queue that has an upload by then. */
  hydrate() {
    const place = document.body.appendChild(document.createElement("section"));
    place.innerHTML = renderToString(app(createUploadQueue(client)));
    const queue = createUploadQueue(client);
    queue.add([blobSource(new Blob(["left"]), "left.jpg")]);
    hydrateRoot(place, app(queue), { onRecoverableError: (error) => complaints.push(String(error)) });
  },
  complaints: () => complaints,
});
