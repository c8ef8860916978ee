import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { BrowserClient } from "@stowage/client/browser";
import { registerWorkerFor } from "./register-worker.ts";

/** A page with so many unsent files, whose worker's script can't be had so many times. */
function setUp(t: TestContext, { failures = 0, isDurable = true } = {}) {
  const page = new EventTarget();
  const listeners = new Set<() => void>();
  const registered: string[] = [];
  let unsent = 0;
  const globals = {
    SyncManager: class {},
    navigator: {
      serviceWorker: {
        async register(address: string) {
          registered.push(address);
          if (registered.length <= failures) throw new TypeError("It could not be fetched.");
        },
      },
    },
    addEventListener: page.addEventListener.bind(page),
  };
  const before = new Map(
    Object.keys(globals).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]),
  );
  for (const [name, value] of Object.entries(globals))
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  t.after(() => {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else Reflect.deleteProperty(globalThis, name);
    }
  });
  t.mock.method(console, "warn", () => undefined);
  const uploads = {
    isDurable,
    unsent: () => unsent,
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  } as unknown as BrowserClient["uploads"];
  registerWorkerFor({ uploads });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    registered,
    async change(now: number) {
      unsent = now;
      for (const listener of [...listeners]) listener();
      await settle();
    },
    async comeOnline() {
      page.dispatchEvent(new Event("online"));
      await settle();
    },
  };
}

test("registers the worker once something is to be sent, and not again", async (t) => {
  const { registered, change, comeOnline } = setUp(t);
  await change(0);
  assert.deepEqual(registered, []);
  await change(1);
  await change(2);
  await comeOnline();
  assert.deepEqual(registered, ["/stowage-sw.js"]);
});

test("asks for the worker again each time that the network is back, until it is there", async (t) => {
  const { registered, change, comeOnline } = setUp(t, { failures: 2 });
  await change(1);
  assert.equal(registered.length, 1);
  await comeOnline();
  await comeOnline();
  assert.equal(registered.length, 3);
  await comeOnline();
  assert.equal(registered.length, 3);
});

test("registers none where nothing is kept", async (t) => {
  const { registered, change } = setUp(t, { isDurable: false });
  await change(1);
  assert.deepEqual(registered, []);
});
