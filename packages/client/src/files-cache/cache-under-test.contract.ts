import { createHash } from "node:crypto";
import type { TestContext } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { AbortSignalLike, Clock } from "../ports.ts";
import { type ScriptedServerOptions, startScriptedServer } from "../testing/index.contract.ts";
import { sourceOf, testPlatform } from "../testing/test-platform.contract.ts";
import { createUploader } from "../uploader.ts";
import type { CacheStore } from "./cache-store.ts";
import { createFileCache } from "./create-file-cache.ts";
import type { FileCacheOptions, GoneFile } from "./file-cache.ts";
import { createMemoryDevice } from "./memory-cache-store.ts";

/** A clock that stands until a test moves it. */
export function createHandClock(): Clock & { advance(ms: number): void; readonly waitingMs: number[] } {
  let nowMs = 0;
  let waits: { readonly atMs: number; readonly resolve: () => void }[] = [];
  return {
    get waitingMs() {
      return waits.map(({ atMs }) => atMs - nowMs);
    },
    nowMs: () => nowMs,
    delay: (delayMs: number, signal: AbortSignalLike) =>
      new Promise((resolve, reject) => {
        if (delayMs <= 0) return resolve();
        const wait = { atMs: nowMs + delayMs, resolve };
        const abort = () => {
          waits = waits.filter((each) => each !== wait);
          reject(new Error("The wait was aborted."));
        };
        if (signal.aborted) return abort();
        signal.addEventListener("abort", abort);
        waits.push(wait);
      }),
    advance(ms) {
      nowMs += ms;
      const due = waits.filter(({ atMs }) => atMs <= nowMs);
      waits = waits.filter(({ atMs }) => atMs > nowMs);
      for (const { resolve } of due) resolve();
    },
  };
}

/** Waits for what comes by itself: the network of this machine, not the clock. */
export async function until(isThere: () => boolean | Promise<boolean>): Promise<void> {
  const endsAtMs = performance.now() + 10_000;
  while (!(await isThere())) {
    if (performance.now() > endsAtMs) throw new Error(`It did not come about: ${String(isThere)}`);
    await nextTurn();
  }
}

export interface UnderTestOptions extends ScriptedServerOptions {
  readonly store?: CacheStore;
  readonly budgetBytes?: number;
  readonly ttlMs?: number;
  readonly fetchBytes?: FileCacheOptions<unknown>["fetchBytes"];
}

/** A cache over a scripted server, with a person, a network and a clock that the test moves. */
export async function createCacheUnderTest(t: TestContext, options: UnderTestOptions = {}) {
  const server = await startScriptedServer(options);
  t.after(() => server.close());
  const sender = createUploader(testPlatform(server.url));
  const clock = createHandClock();
  const tokens: { current: string | undefined } = { current: "token" };
  const uploader = createUploader(testPlatform(server.url, { clock, getToken: async () => tokens.current }));
  const here = { isOnline: true, isVisible: true, wallMs: 1_000_000 };
  const meetings = new Set<() => void>();
  const store = options.store ?? createMemoryDevice().open("me");
  const fetched: string[] = [];
  const open = () => {
    const cache = createFileCache({
      uploader,
      store,
      fetchBytes:
        options.fetchBytes ??
        (async ({ url }, signal) => {
          fetched.push(url);
          const answer = await fetch(url, { signal: signal as AbortSignal });
          return {
            status: answer.status,
            contentType: "",
            bytes: new Uint8Array(await answer.arrayBuffer()),
          };
        }),
      sha256: async (bytes) => createHash("sha256").update(bytes).digest("hex"),
      toBlob: (bytes, type) => ({ text: Buffer.from(bytes).toString(), type }),
      contact: {
        isOnline: () => here.isOnline,
        isVisible: () => here.isVisible,
        onContact(listener) {
          meetings.add(listener);
          return () => meetings.delete(listener);
        },
      },
      wallMs: () => here.wallMs,
      offlineTtlMs: options.ttlMs,
      offlineBudgetBytes: options.budgetBytes,
    });
    t.after(() => cache.close());
    return cache;
  };
  const cache = open();
  const gone: GoneFile[] = [];
  cache.onGone((each) => gone.push(each));

  const questions = () => server.count("GET /v1/files?ids=");
  /** Time passes, for the program and by the device's clock. */
  const pass = (ms: number): void => {
    here.wallMs += ms;
    clock.advance(ms);
  };

  return {
    server,
    cache,
    open,
    store,
    clock,
    here,
    tokens,
    gone,
    fetched,
    sender,
    pass,
    meet(): void {
      for (const listener of meetings) listener();
    },
    /** How often files were asked after by their ids. */
    questions,
    /** How often they are, over so many of the times at which they would be. */
    async questionsOf(times: number): Promise<number> {
      const before = questions();
      for (let time = 0; time < times; time += 1) {
        pass(1200);
        // What would be asked is on its way before an answer that is asked for behind it has come.
        for (let turn = 0; turn < 3; turn += 1) await sender.files.list();
      }
      return questions() - before;
    },
    /** A file of such bytes, with a thumbnail. */
    async file(name: string, bytes = `bytes of ${name}`, contentType = "image/jpeg"): Promise<string> {
      const { upload } = await sender.upload(sourceOf(name, bytes, contentType));
      server.derive(upload.fileId, Buffer.from(`thumbnail of ${name}`));
      return upload.fileId;
    },
  };
}
