import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { UploadItem } from "../queue/upload-item.ts";
import { endBackground, startBackground } from "./background.ts";

/** What a browser has of these, for one test. */
function setGlobals(t: TestContext, globals: Readonly<Record<string, unknown>>): void {
  const before = Object.entries(globals).map(([name, value]) => {
    const was = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { value, configurable: true });
    return [name, was] as const;
  });
  t.after(() => {
    for (const [name, was] of before)
      was ? Object.defineProperty(globalThis, name, was) : Reflect.deleteProperty(globalThis, name);
  });
}

type Client = Parameters<typeof startBackground>[0];

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("asks for the worker's turn when its page is left also for what was cancelled and is off the list", async (t) => {
  let items: readonly Partial<UploadItem>[] = [];
  let tellQueue = (): void => assert.fail("nobody listens");
  let tellDocument = tellQueue;
  let registered = 0;
  const register = async () => {
    registered += 1;
  };
  const globals = {
    document: {
      visibilityState: "hidden",
      addEventListener: (_: string, listener: () => void) => {
        tellDocument = listener;
      },
      removeEventListener: () => undefined,
    },
    navigator: {
      onLine: true,
      serviceWorker: { ready: Promise.resolve({ sync: { register } }) },
      // It has its token.
      locks: { request: async () => undefined },
    },
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  };
  setGlobals(t, globals);
  const uploads = {
    unsent: () => items.filter(({ state }) => state === "sending").length,
    getSnapshot: () => ({ items }),
    subscribe: (listener: () => void) => {
      tellQueue = listener;
      return () => undefined;
    },
  };

  const client = { uploads } as unknown as Client;
  const background = startBackground(client, "someone", "https://files.example");
  for (const state of ["sending", "cancelled"] as const) {
    items = [{ state, uploadId: "upload-1" }];
    tellQueue();
    await settled();
  }
  items = [];
  tellQueue();
  await settled();
  registered = 0;
  tellDocument();
  await settled();
  background.stop();
  assert.equal(registered, 1);
});

test("lets a sign-out wait no longer for another tab that mints a token without a network", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const answering = (result?: unknown) => {
    const request = { result, onsuccess: () => undefined };
    setImmediate(() => request.onsuccess());
    return request;
  };
  const store = { get: () => answering(), getAll: () => answering([]) };
  const database = { transaction: () => ({ objectStore: () => store }), close: () => undefined };
  let held: Promise<unknown> = Promise.resolve();
  setGlobals(t, {
    indexedDB: { open: () => answering(database) },
    document: { addEventListener: () => undefined, removeEventListener: () => undefined },
    navigator: {
      serviceWorker: { ready: Promise.resolve({ sync: {} }) },
      locks: {
        request(_: string, work: () => Promise<unknown>) {
          const done = held.then(work);
          held = done.catch(() => undefined);
          return done;
        },
      },
    },
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  });
  const uploads = {
    unsent: () => 1,
    getSnapshot: () => ({ items: [] }),
    subscribe: () => () => undefined,
  };
  let isAsked = false;
  /** Nobody answers. */
  const askApi = ({ signal }: { readonly signal: AbortSignal }) =>
    new Promise((_, reject) => {
      isAsked = true;
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  const platform = { abortController: () => new AbortController(), clock: { delay: async () => undefined } };
  const [other, client] = [
    { uploads, askApi },
    { uploads, askApi, platform },
  ] as unknown as [Client, Client];

  const background = startBackground(other, "someone", "https://files.example");
  while (!isAsked) await settled();
  let isEnded = false;
  const ended = endBackground(client, "https://files.example", "someone").then(() => {
    isEnded = true;
  });
  t.mock.timers.tick(14_999);
  for (let turn = 0; turn < 20; turn += 1) await settled();
  assert.equal(isEnded, false);
  t.mock.timers.tick(1);
  for (let turn = 0; turn < 20; turn += 1) await settled();
  assert.equal(isEnded, true);
  await ended;
  background.stop();
});
