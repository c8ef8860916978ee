import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { callIn, servePage, startProfile, withoutChromium } from "../testing/browser/index.contract.ts";
import {
  type ScriptedServer,
  type ScriptedServerOptions,
  startScriptedServer,
} from "../testing/index.contract.ts";

const inChromium = { skip: withoutChromium };
const entry = new URL("./background-page.contract.ts", import.meta.url);
const worker = new URL("./worker.contract.ts", import.meta.url);

/** A browser that can be killed, with a page whose service worker is there, and a network that can go. */
async function setUp(t: TestContext, options: ScriptedServerOptions = {}) {
  const profile = await mkdtemp(join(tmpdir(), "stowage-background-"));
  const server = await startScriptedServer(options);
  const served = await servePage(entry, { worker });
  const origin = `http://localhost:${served.port}`;
  let running = await startProfile(profile);
  t.after(async () => {
    await running.kill();
    await served.close();
    await server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  const call = <Result = unknown>(page: Page, name: string, ...args: readonly unknown[]) =>
    callIn<Result>(page, name, args);
  /** A page of which nobody is signed in. */
  const openOnly = async (): Promise<Page> => {
    await running.context.grantPermissions(["notifications", "background-sync"], { origin });
    const page = await running.context.newPage();
    await page.goto(origin);
    await call(page, "registerWorker");
    return page;
  };
  return {
    server,
    call,
    running: () => running,
    async relaunch() {
      running = await startProfile(profile);
    },
    openOnly,
    /** A page with somebody's queue, and their worker. */
    async open(): Promise<Page> {
      const page = await openOnly();
      await call(page, "start", server.url, "someone");
      return page;
    },
  };
}

async function until(isSo: () => boolean | Promise<boolean>, what: string, withinMs = 30_000): Promise<void> {
  const endMs = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > endMs) assert.fail(what);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function untilStates(page: Page, expected: readonly string[]): Promise<void> {
  let states: readonly string[] = [];
  await until(async () => {
    states = await callIn<readonly string[]>(page, "states", []);
    return states.join() === expected.join();
  }, "The page never shows them so.").catch(() => assert.deepEqual(states, expected));
}

/** What the worker has shown, once it has; asked of itself, for a page would be looked at. */
async function notificationsOf(context: BrowserContext, server: ScriptedServer): Promise<readonly string[]> {
  const ask = async (): Promise<readonly string[]> => {
    const [running] = context.serviceWorkers();
    return (
      (await running?.evaluate(async () => {
        interface Shown {
          getNotifications(): Promise<readonly { readonly title: string }[]>;
        }
        const { registration } = globalThis as unknown as { readonly registration: Shown };
        return (await registration.getNotifications()).map(({ title }) => title);
      })) ?? []
    );
  };
  let said: readonly string[] = [];
  await until(async () => {
    said = await ask();
    return said.length > 0;
  }, "Nothing is said.").catch((cause: unknown) => {
    const workers = context.serviceWorkers().length;
    const asked = ["POST /v1/uploads", "POST /v1/uploads/complete", "GET /v1/uploads"].map(
      (what) => `${what} ${server.count(what)}`,
    );
    const states = [...server.uploads.values()].map(({ state }) => state);
    throw new Error(`Nothing is said: ${workers} workers, ${asked}, ${states}.`, { cause });
  });
  return said;
}

/** With a first file sent, so that there is a token; then without a network, with files that are kept. */
async function leave(t: TestContext, sizes: readonly number[], options: ScriptedServerOptions = {}) {
  const world = await setUp(t, options);
  const { server, open, call, running } = world;
  const page = await open();
  await call(page, "add", [1000]);
  await call(page, "untilReady");
  await call(page, "whenIdle");
  await running().context.setOffline(true);
  await call(page, "add", sizes, 10);
  await call(page, "untilKept");
  assert.equal(server.store.objects.size, 1);
  return { ...world, page, goOnline: () => running().context.setOffline(false) };
}

test(
  "sends what was added without a network once it is back, with the page closed, and says so",
  inChromium,
  async (t) => {
    const { server, open, page, running, goOnline } = await leave(t, [2000, 3_000_000, 21_000_000]);
    await page.close();
    await goOnline();
    await until(() => server.store.objects.size === 4, "The worker sent nothing.");

    assert.deepEqual(await notificationsOf(running().context, server), ["3 files uploaded."]);

    await untilStates(await open(), ["ready", "ready", "ready"]);
    assert.equal(server.uploads.size, 4);
    assert.equal(server.count("POST /v1/tokens"), 1);
  },
);

test("goes on after the browser was killed, with no page open", inChromium, async (t) => {
  const { server, running, relaunch } = await leave(t, [2000, 3_000_000]);
  await running().kill();
  await relaunch();
  await until(() => server.store.objects.size === 3, "The worker sent nothing.");
  assert.equal(server.uploads.size, 3);
});

test("sends each part once when a page and the worker come and go", inChromium, async (t) => {
  const { server, open, call } = await setUp(t);
  const first = await open();
  await call(first, "add", [40_000_000]);
  await call(first, "untilReady");
  await call(first, "wake");
  await until(() => server.store.multiparts.storedCounts.size >= 1, "No part was sent.");
  await first.close();
  const second = await open();
  await call(second, "wake");
  await until(() => server.store.objects.size === 1, "It did not arrive.");
  assert.deepEqual([...new Set(server.store.multiparts.storedCounts.values())], [1]);
  assert.equal(server.uploads.size, 1);
});

test("sends nothing for who is signed out, and goes on when they are back", inChromium, async (t) => {
  const { server, open, openOnly, call, page, goOnline } = await leave(t, [2000]);
  await call(page, "signOut", "keep");
  await page.close();
  await goOnline();
  const signedOut = await openOnly();
  await call(signedOut, "wake");
  await call(signedOut, "settled");
  assert.equal(server.store.objects.size, 1);
  await signedOut.close();

  const back = await open();
  await untilStates(back, ["ready"]);
  assert.equal(server.store.objects.size, 2);
});

test("loses nothing where its token was taken back", inChromium, async (t) => {
  const { server, open, openOnly, call, page, goOnline } = await leave(t, [2000]);
  await page.close();
  const revoked = await fetch(`${server.url}/v1/tokens/delegation-1`, {
    method: "DELETE",
    headers: { authorization: "Bearer token" },
  });
  assert.equal(revoked.status, 204);
  await goOnline();
  const watching = await openOnly();
  await call(watching, "wake");
  await call(watching, "settled");
  assert.equal(server.store.objects.size, 1);

  const back = await open();
  await untilStates(back, ["ready"]);
  assert.equal(server.store.objects.size, 2);
});

test("says which file was rejected with the page closed, and shows it", inChromium, async (t) => {
  const rejection = { code: "malware", detail: "It has a virus." } as const;
  const { server, page, running, open, goOnline } = await leave(t, [2000, 3000], {
    verdict: (bytes) => (bytes.length === 3000 ? rejection : undefined),
  });
  await page.close();
  await goOnline();
  assert.deepEqual(await notificationsOf(running().context, server), [
    "1 file uploaded. 1 file could not be uploaded: photo-1.jpg. It has a virus.",
  ]);
  await untilStates(await open(), ["ready", "rejected"]);
});

test("announces what the first bytes of a kept file say, and not its name", inChromium, async (t) => {
  const { server, call, page, goOnline } = await leave(t, []);
  await call(page, "addDisguised");
  await call(page, "untilKept");
  await page.close();
  await goOnline();
  await until(() => server.store.objects.size === 3, "The worker sent nothing.");
  assert.deepEqual(
    [...server.uploads.values()].map(({ intent }) => intent.contentType),
    ["image/jpeg", "image/png", "image/png"],
  );
});

test(
  "ends on the server what was cancelled without a network, with the page closed",
  inChromium,
  async (t) => {
    const { server, open, call, running } = await setUp(t, {
      fault: ({ method, path }) => (method === "PUT" && path.startsWith("/bucket/") ? "hang" : undefined),
    });
    const page = await open();
    await call(page, "add", [2000]);
    await call(page, "untilReady");
    await untilStates(page, ["sending"]);
    await running().context.setOffline(true);
    await call(page, "cancelAll");
    await page.close();
    assert.deepEqual(
      [...server.uploads.values()].map(({ state }) => state),
      ["pending"],
    );
    await running().context.setOffline(false);
    await until(
      () => [...server.uploads.values()].every(({ state }) => state === "aborted"),
      "It is still there.",
    );
  },
);

test(
  "renews the worker's token when less than two days of it are left, and takes the old one back",
  inChromium,
  async (t) => {
    const { server, open, openOnly, call } = await setUp(t);
    const page = await open();
    await call(page, "add", [1000]);
    await call(page, "untilReady");
    await call(page, "whenIdle");
    await page.close();

    const before = await openOnly();
    await call(before, "start", server.url, "someone");
    await call(before, "untilReady");
    assert.equal(server.count("POST /v1/tokens"), 1);
    await call(before, "age", 2 * 24 * 3600 * 1000 - 1000);
    await before.close();

    await call(await open(), "untilReady");
    assert.equal(server.count("POST /v1/tokens"), 2);
    await until(() => server.count("DELETE /v1/tokens/delegation-1") === 1, "The old one is still there.");
  },
);
