import assert from "node:assert/strict";
import { test } from "node:test";
import type { UploadItem } from "../queue/upload-item.ts";
import { startBackground } from "./background.ts";

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
  const before = Object.entries(globals).map(([name, value]) => {
    const was = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { value, configurable: true });
    return [name, was] as const;
  });
  t.after(() => {
    for (const [name, was] of before)
      was ? Object.defineProperty(globalThis, name, was) : Reflect.deleteProperty(globalThis, name);
  });
  const uploads = {
    unsent: () => items.filter(({ state }) => state === "sending").length,
    getSnapshot: () => ({ items }),
    subscribe: (listener: () => void) => {
      tellQueue = listener;
      return () => undefined;
    },
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  const client = { uploads } as unknown as Parameters<typeof startBackground>[0];
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
