import type { Token } from "@stowage/protocol";
import type { Client, SignOutOptions } from "../create-client.ts";
import { type BackgroundToken, type BackgroundTokens, openBackgroundTokens } from "./background-tokens.ts";
import type { BlobSource } from "./blob-source.ts";

/** What a page does so that its service worker can go on when it is closed. */
export interface Background {
  /** Everything is there: a worker, Background Sync, and a token for it. */
  isReady(): boolean;
  /** Does no more; the worker goes on. */
  stop(): void;
}

/** Registrations of workers that are run when the network is there (Web Background Synchronization, section 5). */
interface SyncRegistration {
  readonly sync?: { register(tag: string): Promise<void> };
}

const dayMs = 24 * 3600 * 1000;
const lifeMs = 7 * dayMs;
const renewedBeforeEndMs = 2 * dayMs;
const revokeWithinMs = 5000;
/** A sign-out in another tab waits for it, without a network too. */
const mintWithinMs = 15_000;
const askAgainMs = 60_000;

/** Prepares one person's service worker as long as something of theirs is unsent. Nothing of it stops an upload that fails. */
export function startBackground(
  client: Pick<Client<BlobSource>, "askApi" | "platform" | "uploads">,
  owner: string,
  server: string,
): Background {
  const { uploads } = client;
  const life = new AbortController();
  const { signal } = life;
  let isReady = false;
  let isRegistered = false;
  let isUnderWay = false;
  let notBeforeMs = 0;

  /**
   * Also what was cancelled may have to be ended on the server; which of it has been, only the queue knows, also of what is off the
   * list since.
   */
  let mayHaveToEnd = false;
  const hasWork = () => {
    mayHaveToEnd ||= uploads
      .getSnapshot()
      .items.some(({ state, uploadId }) => state === "cancelled" && uploadId !== undefined);
    return mayHaveToEnd || uploads.unsent() > 0;
  };

  const haveToken = async () => {
    const unused = await withTokens(owner, async (tokens) => {
      const last = await tokens.get(owner);
      const leftMs = (last?.expiresAtMs ?? 0) - Date.now();
      // More is left than there was only where this device's clock was set back.
      if (signal.aborted || (leftMs >= renewedBeforeEndMs && leftMs <= lifeMs)) return undefined;
      const minted = await mint(client, signal);
      // Signed out meanwhile: nobody is to have it.
      if (signal.aborted) return minted.id;
      await tokens.put({ owner, server, ...minted });
      return last?.id;
    });
    if (unused !== undefined) await revoke(client, unused);
  };

  const prepare = async () => {
    if (signal.aborted || isUnderWay || performance.now() < notBeforeMs) return;
    if (isReady && (isRegistered || !hasWork())) return;
    isUnderWay = true;
    try {
      const { sync } = (await navigator.serviceWorker.ready) as SyncRegistration;
      if (sync) {
        await haveToken();
        isReady = true;
        if (hasWork() && !signal.aborted) {
          await sync.register("stowage");
          isRegistered = true;
        }
      }
    } catch (error) {
      isReady = false;
      // Who may have none is not asked for it again.
      if (error instanceof Error && "problem" in error) stop();
      notBeforeMs = performance.now() + askAgainMs;
    }
    isUnderWay = false;
  };
  const hear = () => void prepare();
  /** A registration is used up when the worker has had its turn, as it has while this page sends. */
  const hearLeaving = () => {
    if (document.visibilityState === "visible" && navigator.onLine) return;
    isRegistered = false;
    hear();
  };
  const stopWatching = uploads.subscribe(() => {
    if (!hasWork()) isRegistered = false;
    hear();
  });
  document.addEventListener("visibilitychange", hearLeaving);
  addEventListener("offline", hearLeaving);
  addEventListener("online", hear);
  const stop = () => {
    life.abort();
    stopWatching();
    document.removeEventListener("visibilitychange", hearLeaving);
    removeEventListener("offline", hearLeaving);
    removeEventListener("online", hear);
  };
  hear();

  return {
    isReady: () => isReady && !signal.aborted,
    stop,
  };
}

/**
 * The worker can send nothing from now on, and by a sign-out what is kept for reading offline is erased. `revoked`: the server has been
 * told, or has not answered within 5 s; rejects where this device's storage fails.
 *
 * @param owner - where that is not known, since the server could not be asked who it is: all of that server on this device
 */
export async function endBackground(
  client: Pick<Client<BlobSource>, "askApi" | "platform">,
  server: string,
  owner: string | undefined,
  how?: SignOutOptions,
): Promise<{ readonly revoked: Promise<unknown> }> {
  const erased =
    how &&
    !how.kept &&
    import("./erase-kept.ts").then(
      (it) => (owner ? it.eraseKept(owner) : it.eraseKeptOf(server)),
      // Whoever opens a cache loads it: this page has kept nothing.
      () => undefined,
    );
  const revoked = takeBack(client, server, owner);
  await Promise.allSettled([erased, revoked]);
  return { revoked: Promise.all([erased, revoked.then(({ told }) => told)]) };
}

async function takeBack(
  client: Pick<Client<BlobSource>, "askApi" | "platform">,
  server: string,
  owner: string | undefined,
): Promise<{ readonly told: Promise<unknown> }> {
  const found = await withTokens(owner ?? server, async (tokens) => {
    const all = (await tokens.all()).filter((one) => (owner ? one.owner === owner : one.server === server));
    for (const one of all) await tokens.remove(one.owner);
    return all;
  });
  const { abortController, clock } = client.platform;
  const revoked = Promise.all(found.map(({ id }) => revoke(client, id)));
  return {
    told: Promise.race([revoked, clock.delay(found.length && revokeWithinMs, abortController().signal)]),
  };
}

/** One page at a time: a person has a hundred tokens at most. */
const withTokens = <Result>(
  owner: string,
  work: (tokens: BackgroundTokens) => Promise<Result>,
): Promise<Result> =>
  navigator.locks.request(`stowage background ${owner}`, async () => {
    const tokens = await openBackgroundTokens();
    try {
      return await work(tokens);
    } finally {
      tokens.close();
    }
  }) as Promise<Result>;

// By itself, though `tokens.ts` knows how: what is shared with it would go into a file of its own, for every page to load.

type Asking = Pick<Client<BlobSource>, "askApi">;

const path = "/v1/tokens";

/** One whose answer was lost is never used, and ends by itself. */
async function mint(
  { askApi }: Asking,
  signal: AbortSignal,
): Promise<Pick<BackgroundToken, "id" | "token" | "expiresAtMs">> {
  const soon = new AbortController();
  const stop = () => soon.abort();
  signal.addEventListener("abort", stop);
  const timer = setTimeout(stop, mintWithinMs);
  const body = { expiresInSeconds: lifeMs / 1000 };
  try {
    return await askApi({ method: "POST", path, body, signal: soon.signal }, ({ json }) => {
      const { id, token, expiresInSeconds = 0 } = (json ?? {}) as Partial<Token & BackgroundToken>;
      return id && token ? { id, token, expiresAtMs: Date.now() + expiresInSeconds * 1000 } : undefined;
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

async function revoke({ askApi }: Asking, id: string): Promise<void> {
  try {
    await askApi({ method: "DELETE", path: `${path}/${id}` }, ({ status }) => status === 204 || undefined);
  } catch {
    // It has ended, or ends by itself.
  }
}
