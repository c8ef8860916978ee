// The page of the tests of this folder: what they call is on globalThis.

import { openBackgroundTokens } from "../browser/background-tokens.ts";
import { type BrowserClient, createClient } from "../browser/index.ts";

let client: BrowserClient;

/** The same bytes for the same size and seed. */
const made = (sizeBytes: number, seed: number): Blob => {
  const bytes = new Uint32Array(Math.ceil(sizeBytes / 4));
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = Math.imul(index + seed, 2654435761);
  return new Blob([bytes.buffer.slice(0, sizeBytes)], { type: "image/jpeg" });
};

Object.assign(globalThis, {
  async registerWorker() {
    await navigator.serviceWorker.register("/stowage-sw.js");
    await navigator.serviceWorker.ready;
  },
  start(server: string, person: string) {
    client = createClient({ server, person, getToken: async () => "token", maxAttempts: 2 });
  },
  add(sizes: readonly number[], seed = 1) {
    client.uploads.add(
      sizes.map(
        (sizeBytes, index) =>
          new File([made(sizeBytes, seed + index)], `photo-${index}.jpg`, { type: "image/jpeg" }),
      ),
    );
  },
  async untilReady() {
    while (!client.uploads.sendsInBackground) await new Promise((resolve) => setTimeout(resolve, 20));
  },
  async untilKept() {
    while (!client.uploads.getSnapshot().items.every(({ isKept }) => isKept))
      await new Promise((resolve) => setTimeout(resolve, 20));
    await client.uploads.whenStored();
  },
  /** Files whose names and types say something else than their bytes; the larger one is kept as a file. */
  addDisguised() {
    const signature = "\x89PNG\r\n\x1a\n";
    const bytes = Uint8Array.from(signature, (character) => character.charCodeAt(0));
    client.uploads.add(
      [1000, 9_000_000].map(
        (sizeBytes) => new File([bytes, made(sizeBytes, 7)], "photo.jpg", { type: "image/jpeg" }),
      ),
    );
  },
  async cancelAll() {
    client.uploads.cancelAll();
    await client.uploads.whenStored();
  },
  sendsInBackground: () => client.uploads.sendsInBackground,
  whenIdle: () => client.uploads.whenIdle(),
  states: () => client.uploads.getSnapshot().items.map(({ state }) => state),
  signOut: (unsent: "keep" | "delete") => client.signOut({ unsent }),
  /** Lets all but so much of the token's time pass. */
  async age(leftMs: number) {
    const tokens = await openBackgroundTokens();
    for (const token of await tokens.all()) await tokens.put({ ...token, expiresAtMs: Date.now() + leftMs });
    tokens.close();
  },
  async wake() {
    (await navigator.serviceWorker.ready).active?.postMessage("stowage");
  },
  /** Once the worker has nothing more to do. */
  settled: async () => {
    const { port1, port2 } = new MessageChannel();
    (await navigator.serviceWorker.ready).active?.postMessage("settle", [port2]);
    return new Promise((resolve) => {
      port1.onmessage = () => resolve(true);
    });
  },
});
