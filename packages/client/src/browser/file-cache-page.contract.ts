// The page of the tests of kept files: what they call is on globalThis.

import type { CacheStore } from "../files-cache/cache-store.ts";
import type { FileCache } from "../files-cache/file-cache.ts";
import { openBackgroundTokens } from "./background-tokens.ts";
import { createBrowserUploader } from "./browser-client.ts";
import { createBrowserFileCache } from "./browser-file-cache.ts";
import { createClient } from "./create-client.ts";
import { createIndexedDbCacheStore } from "./indexed-db-cache-store.ts";

let cache: FileCache<Blob> | undefined;
const stores = new Map<string, CacheStore>();
const taken: { readonly fileId: string; readonly reason: string; readonly atMs: number }[] = [];

function opened(): FileCache<Blob> {
  if (!cache) throw new Error("No cache was started.");
  return cache;
}

/** What is no JSON on its way from and to a test: bytes, as lists of numbers. */
type Plain = string | number | readonly Plain[] | { readonly [name: string]: Plain };

Object.assign(globalThis, {
  start(server: string, person: string, token: string, offlineTtlMs?: number) {
    cache?.close();
    const uploader = createBrowserUploader({ server, getToken: async () => token });
    cache = createBrowserFileCache({ uploader, server, person, offlineTtlMs });
  },
  keep: (ids: string[], derivatives: string[]) => opened().cache(ids, { derivatives }),
  /** Shows a kept picture, as pages do, until it is gone. */
  async show(id: string, derivative: string) {
    const found = await opened().cached(id, derivative);
    if (!found) return undefined;
    const picture = new Image();
    picture.id = `picture-${id}`;
    picture.src = URL.createObjectURL(found.blob);
    document.body.append(picture);
    opened().onGone(
      ({ fileId, reason }) => {
        if (fileId !== id) return;
        URL.revokeObjectURL(picture.src);
        picture.remove();
        taken.push({ fileId, reason, atMs: Date.now() });
      },
      [id],
    );
    await picture.decode();
    return { width: picture.naturalWidth, address: picture.src, type: found.blob.type };
  },
  kept: () => opened().kept(),
  signOut: (server: string, person: string | null, unsent: "keep" | "delete", kept?: "keep") =>
    createClient({ server, person: person ?? undefined, getToken: async () => "token" }).signOut({
      unsent,
      kept,
    }),
  /** A token of a person's that their service worker has. */
  async giveToken(server: string, person: string) {
    const tokens = await openBackgroundTokens();
    const owner = JSON.stringify([server, person]);
    await tokens.put({ owner, server, id: person, token: "stw", expiresAtMs: Date.now() + 86_400_000 });
    tokens.close();
  },
  async tokens() {
    const tokens = await openBackgroundTokens();
    const ids = (await tokens.all()).map(({ id }) => id);
    tokens.close();
    return ids;
  },
  isShown: (id: string) => document.getElementById(`picture-${id}`) !== null,
  taken: () => taken,
  async store(
    owner: string,
    device: string,
    method: Exclude<keyof CacheStore, "isDurable">,
    args: readonly Plain[],
  ) {
    // Two of one owner's are two connections, as of two tabs.
    const name = JSON.stringify([owner, device]);
    const store = stores.get(name) ?? createIndexedDbCacheStore(owner);
    stores.set(name, store);
    const given =
      method === "keep" ? [args[0], Uint8Array.from(args[1] as number[]), ...args.slice(2)] : args;
    const call = store[method] as (...all: readonly unknown[]) => unknown;
    const answer = await call(...given);
    if (method !== "read" || !answer) return answer;
    const { row, bytes } = answer as NonNullable<Awaited<ReturnType<CacheStore["read"]>>>;
    return { row, bytes: [...bytes] };
  },
});
