import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { AbortedError } from "../errors.ts";
import type {
  AbortSignalLike,
  ClientOptions,
  FetchInit,
  FetchResponse,
  FilePart,
  FileSource,
} from "../ports.ts";
import type { QueueChannel } from "../queue/queue-channel.ts";
import type { QueueLead, QueueLock } from "../queue/queue-lock.ts";
import type { QueueRow, QueueStore } from "../queue/queue-store.ts";
import { createLightAbortController } from "./light-abort-controller.contract.ts";
import { createScriptedFiles } from "./scripted-files.contract.ts";
import { problemOf, problemReply, type Reply } from "./scripted-reply.contract.ts";
import { createScriptedStore, storeError } from "./scripted-store.contract.ts";
import { createScriptedUploads, type UploadRules } from "./scripted-uploads.contract.ts";
import { createVirtualClock } from "./virtual-clock.contract.ts";

/** What befalls a request in a simulated world. */
export type Mishap =
  | "reset"
  | "commit-then-reset"
  | "hang"
  | "portal"
  | "busy"
  | "expired"
  /** The answer comes, but only after this many milliseconds. */
  | number;

/** A device with a disk, a server and a network, all in this process and on a clock of their own: thousands of lives in a minute. */
export interface SimulatedWorld {
  readonly clock: ReturnType<typeof createVirtualClock>;
  readonly uploads: ReturnType<typeof createScriptedUploads>["all"];
  readonly disk: ReadonlyMap<string, QueueRow>;
  /** How often bytes of each object or part were stored. */
  storedCount(): number;
  isTrashed(fileId: string): boolean;
  /** A program that starts on that disk; of what it calls nothing happens any more once it has died. */
  boot(): Life;
  isSignedIn: boolean;
  isOnline: boolean;
}

export interface Life {
  readonly options: ClientOptions<SimulatedSource>;
  readonly store: QueueStore<SimulatedSource>;
  readonly lock: QueueLock;
  readonly channel: QueueChannel;
  /** Somebody looks at it: it wants to lead. */
  look(): void;
  /** It dies before (even) or after (odd) so many half calls of its ports. */
  dieAfter(halfCalls: number): void;
  readonly isDead: boolean;
  kill(): void;
  comeOnline(): void;
}

const origin = "https://files.example";
const readAtOnceBytes = 20;

/** @param mishaps - one for each request, in their order; when they are used up all goes well */
export function createSimulatedWorld(mishaps: readonly (Mishap | undefined)[], rules: UploadRules = {}) {
  const clock = createVirtualClock();
  const objects = createScriptedStore(() => origin);
  const uploads = createScriptedUploads(objects, rules);
  const files = createScriptedFiles(objects, uploads);
  const rows = new Map<string, QueueRow>();
  const bytesOnDisk = new Map<string, SimulatedSource>();
  const left = [...mishaps];
  const locks = createMortalLocks();
  const channels = new Set<{
    readonly isDead: () => boolean;
    readonly listeners: Set<(message: unknown) => void>;
  }>();

  const answerApi = (method: string, url: URL, init: FetchInit): Reply => {
    if (!world.isSignedIn) return problemReply(problemOf("unauthenticated", "The token has expired."));
    const json = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
    const headers = { ...init.headers } as Record<string, string>;
    return (
      (url.pathname.startsWith("/v1/uploads") ? uploads.answer(method, url, json) : undefined) ??
      files.answer(method, url, json, { ifMatch: headers["if-match"], ifNoneMatch: undefined }) ??
      problemReply(problemOf("not-found", "There is no such route."))
    );
  };
  const answer = async (url: URL, init: FetchInit): Promise<Reply> => {
    const method = init.method ?? "GET";
    if (!url.pathname.startsWith("/bucket/")) return answerApi(method, url, init);
    const body = init.body as Buffer;
    const headers = { ...init.headers, "content-length": String(body.length) };
    return objects.answer({ method, headers } as unknown as IncomingMessage, url, body);
  };

  const world: SimulatedWorld = {
    clock,
    uploads: uploads.all,
    disk: rows,
    storedCount: objects.storedCount,
    isTrashed: (fileId) =>
      files
        .answer("GET", new URL(`${origin}/v1/files/${fileId}`), undefined, {
          ifMatch: undefined,
          ifNoneMatch: undefined,
        })
        ?.body.toString()
        .includes('"trashed"') === true,
    isSignedIn: true,
    isOnline: true,
    boot() {
      let leftHalfCalls = Number.POSITIVE_INFINITY;
      let isDead = false;
      const online = new Set<() => void>();
      const never = new Promise<never>(() => undefined);
      /** Half of a call: before it has done anything, or after. */
      const die = () => {
        isDead = true;
        locks.died(life);
      };
      const step = (): boolean => {
        if (!isDead && leftHalfCalls <= 0) die();
        leftHalfCalls -= 1;
        return isDead;
      };
      const mortal = async <T>(work: () => T | Promise<T>): Promise<T> => {
        if (step()) return never;
        const value = await work();
        if (step()) return never;
        return value;
      };

      const fetch = (address: string, init: FetchInit = {}): Promise<FetchResponse> =>
        mortal(async () => {
          const url = new URL(address);
          const mishap = left.shift();
          if (!world.isOnline || mishap === "reset") throw new TypeError("The connection was reset.");
          if (mishap === "hang") await aborted(init);
          if (mishap === "expired") objects.expire(url.pathname + url.search);
          const reply =
            mishap === "portal"
              ? { status: 200, body: "<html>Welcome to our Wi-Fi</html>" }
              : mishap === "busy"
                ? storeError(503, "SlowDown")
                : await answer(url, init);
          if (typeof mishap === "number") await clock.delay(mishap, init.signal ?? neverAborted);
          if (mishap === "commit-then-reset") throw new TypeError("The connection was reset.");
          return {
            status: reply.status,
            headers: { get: (name: string) => reply.headers?.[name] ?? null },
            text: async () => reply.body.toString(),
          };
        });

      const channel = { isDead: () => isDead, listeners: new Set<(message: unknown) => void>() };
      channels.add(channel);
      const life: Life = {
        lock: {
          acquire: (signal, mayYield) => mortal(() => locks.acquire(life, signal, mayYield)),
        },
        look: () => locks.ask(life),
        channel: {
          post(message) {
            if (isDead) return;
            const copy: unknown = JSON.parse(JSON.stringify(message));
            for (const other of channels)
              if (other !== channel && !other.isDead())
                queueMicrotask(() => {
                  for (const listener of other.isDead() ? [] : other.listeners) listener(copy);
                });
          },
          listen(listener) {
            channel.listeners.add(listener);
            return () => channel.listeners.delete(listener);
          },
          close: () => channels.delete(channel),
        },
        options: {
          server: origin,
          getToken: async () => (world.isSignedIn ? "token" : undefined),
          fetch,
          send: async ({ url, method, headers }, bytes, { signal, onSent }) => {
            onSent(0);
            const response = await fetch(url, { method, headers, body: bytes.body(), signal });
            onSent(bytes.sizeBytes);
            return { status: response.status, body: await response.text() };
          },
          digest: {
            sha256: (bytes, onRead) =>
              mortal(async () => {
                const read = bytes.body() as Buffer;
                // So long that a person may do something meanwhile.
                if (read.length > readAtOnceBytes) await clock.delay(1, neverAborted);
                onRead(read.length);
                return createHash("sha256").update(read).digest("hex");
              }),
          },
          clock: {
            nowMs: clock.nowMs,
            delay: async (delayMs, signal) => {
              await clock.delay(delayMs, signal);
              if (isDead) return never;
            },
          },
          random: Math.random,
          abortController: createLightAbortController,
          connectivity: {
            onOnline(listener) {
              online.add(listener);
              return () => online.delete(listener);
            },
          },
          maxAttempts: 3,
        },
        store: {
          isDurable: true,
          claim: async (person) => person,
          load: () =>
            mortal(() => {
              for (const id of bytesOnDisk.keys()) if (!rows.has(id)) bytesOnDisk.delete(id);
              return [...rows.values()].sort((one, other) => one.order - other.order);
            }),
          write: (written) =>
            mortal(() => {
              for (const row of written) rows.set(row.id, { ...row });
            }),
          erase: (ids) =>
            mortal(() => {
              for (const id of ids) {
                rows.delete(id);
                bytesOnDisk.delete(id);
              }
            }),
          release: (ids) =>
            mortal(() => {
              for (const id of ids) bytesOnDisk.delete(id);
            }),
          keep: (id, source, signal) =>
            mortal(() => {
              if (signal.aborted) throw new AbortedError();
              bytesOnDisk.set(id, source);
            }),
          source: ({ id }) => mortal(() => bytesOnDisk.get(id)),
          close: () => undefined,
        },
        dieAfter(halfCalls) {
          leftHalfCalls = halfCalls;
        },
        get isDead() {
          return isDead;
        },
        kill: die,
        comeOnline() {
          for (const listener of online) listener();
        },
      };
      return life;
    },
  };
  return world;
}

/** One lead at a time; it ends with the program that has it. */
function createMortalLocks() {
  interface Waiter {
    readonly life: Life;
    readonly mayYield: () => boolean;
    readonly lost: AbortController;
    readonly lead: (lead: QueueLead) => void;
  }
  let waiters: Waiter[] = [];
  const grant = () => {
    const [first] = waiters;
    first?.lead({
      lost: first.lost.signal,
      release() {
        if (waiters[0] !== first) return;
        waiters.shift();
        grant();
      },
    });
  };
  return {
    acquire: (life: Life, signal: AbortSignalLike, mayYield: () => boolean): Promise<QueueLead> =>
      new Promise((resolve, reject) => {
        const waiter: Waiter = { life, mayYield, lost: new AbortController(), lead: resolve };
        signal.addEventListener("abort", () => {
          // Who leads lets go itself.
          if (waiters.indexOf(waiter) > 0) waiters = waiters.filter((one) => one !== waiter);
          reject(new AbortedError());
        });
        waiters.push(waiter);
        if (waiters.length === 1) grant();
      }),
    /** The one that leads steps down where it may, and this one comes next. */
    ask(life: Life): void {
      const [first] = waiters;
      const own = waiters.find((waiter) => waiter.life === life);
      if (!first || !own || own === first || !first.mayYield()) return;
      waiters = [first, own, ...waiters.filter((waiter) => waiter !== first && waiter !== own)];
      first.lost.abort();
    },
    died(life: Life): void {
      const [first] = waiters;
      waiters = waiters.filter((waiter) => waiter.life !== life);
      if (waiters[0] !== first) grant();
    },
  };
}

const neverAborted = new AbortController().signal;

const aborted = ({ signal }: FetchInit): Promise<never> =>
  new Promise((_, reject) => {
    const abort = () => reject(new Error("aborted"));
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) abort();
  });

/** A file in a simulated world. */
export interface SimulatedSource extends FileSource {
  body(): Buffer;
  part(offsetBytes: number, sizeBytes: number): FilePart & { body(): Buffer };
}

export function simulatedSource(name: string, text: string): SimulatedSource {
  const bytes = Buffer.from(text);
  return {
    name,
    sizeBytes: bytes.length,
    contentType: "image/jpeg",
    body: () => bytes,
    part: (offsetBytes, sizeBytes) => {
      const part = bytes.subarray(offsetBytes, offsetBytes + sizeBytes);
      return { sizeBytes: part.length, body: () => part };
    },
  };
}
