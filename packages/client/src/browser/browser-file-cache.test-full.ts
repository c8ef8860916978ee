import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, type TestContext, test } from "node:test";
import { type DeviceUnderTest, describeCacheStore } from "../files-cache/cache-store.contract.ts";
import type { CacheStore } from "../files-cache/cache-store.ts";
import type { KeptFiles, NotKept } from "../files-cache/file-cache.ts";
import {
  callIn,
  createTestBrowser,
  fileCachePage,
  type TestPage,
  withoutChromium,
} from "../testing/browser/index.contract.ts";
import { startScriptedServer } from "../testing/index.contract.ts";
import { sourceOf, testPlatform } from "../testing/test-platform.contract.ts";
import { createUploader } from "../uploader.ts";

const browser = createTestBrowser();
after(() => browser.close());
const inChromium = { skip: withoutChromium };
const entry = fileCachePage;

/** One pixel. */
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

/** A store in a page, of which each opening is a connection of its own. */
function deviceIn({ call }: TestPage): DeviceUnderTest {
  let opened = 0;
  return {
    open(owner) {
      opened += 1;
      const device = String(opened);
      const ask = <T>(method: string, ...args: readonly unknown[]) =>
        call<T>("store", owner, device, method, args);
      const store: CacheStore = {
        isDurable: true,
        passTime: (...args) => ask("passTime", ...args),
        list: () => ask("list"),
        async read(...args) {
          const found = await ask<{ row: never; bytes: number[] } | undefined>("read", ...args);
          return found && { row: found.row, bytes: Uint8Array.from(found.bytes) };
        },
        keep: (row, bytes, budgetBytes, file) => ask("keep", row, [...bytes], budgetBytes, file),
        files: () => ask("files"),
        tell: (...args) => ask("tell", ...args),
        touch: (...args) => ask("touch", ...args),
        remove: (...args) => ask("remove", ...args),
        removeExpired: (...args) => ask("removeExpired", ...args),
        close: () => void ask("close"),
      };
      return store;
    },
  };
}

describeCacheStore("a cache store in Chromium's IndexedDB", {
  skip: withoutChromium,
  openDevice: async (t) => deviceIn(await browser.open(t, { entry })),
});

async function setUp(t: TestContext) {
  const server = await startScriptedServer();
  t.after(() => server.close());
  const sender = createUploader(testPlatform(server.url));
  const tab = await browser.open(t, {
    entry,
    contentSecurityPolicy: `default-src 'none'; script-src 'self'; img-src blob:; connect-src ${server.url}`,
  });
  await tab.call("start", server.url, "ann", "token");
  const send = async (name: string, bytes: Buffer) =>
    (await sender.upload(sourceOf(name, bytes, "image/png"))).upload.fileId;
  return { server, ...tab, send, file: (name: string) => send(name, png) };
}

interface Shown {
  readonly width: number;
  readonly address: string;
  readonly type: string;
}

test("shows a kept picture without any network, after a reload too", inChromium, async (t) => {
  const { server, page, call, file } = await setUp(t);
  const id = await file("a.png");
  assert.deepEqual(await call("keep", [id], ["original"]), []);
  await page.reload({ waitUntil: "load" });
  await server.close();
  await call("start", server.url, "ann", "token");
  await page.context().setOffline(true);
  const shown = await call<Shown>("show", id, "original");
  assert.deepEqual([shown.width, shown.type, shown.address.slice(0, 5)], [1, "image/png", "blob:"]);
});

test("takes a picture away within 2 s after the right to see it was taken away", inChromium, async (t) => {
  const { server, call, file } = await setUp(t);
  const [stays, goes] = [await file("a.png"), await file("b.png")];
  assert.deepEqual(await call("keep", [stays, goes], ["original"]), []);
  for (const id of [stays, goes]) assert.equal((await call<Shown>("show", id, "original")).width, 1);
  const revokedAtMs = Date.now();
  server.hide(goes);
  const taken = await untilTaken(call);
  assert.deepEqual(
    taken.map(({ fileId, reason }) => [fileId, reason]),
    [[goes, "refused"]],
  );
  const tookMs = (taken[0]?.atMs ?? Number.POSITIVE_INFINITY) - revokedAtMs;
  t.diagnostic(`${tookMs} ms`);
  assert.ok(tookMs <= 2000, `${tookMs} ms`);
  assert.equal(await call("isShown", stays), true);
  assert.equal(await call("show", goes, "original"), undefined);
});

test(
  "takes a picture away in each tab that shows it, whichever of them hears of it first",
  inChromium,
  async (t) => {
    const { server, page, origin, call, file } = await setUp(t);
    const id = await file("a.png");
    assert.deepEqual(await call("keep", [id], ["original"]), []);
    const other = await page.context().newPage();
    await other.goto(origin, { waitUntil: "load" });
    const callOther: TestPage["call"] = (name, ...args) => callIn(other, name, args);
    await callOther("start", server.url, "ann", "token");
    for (const each of [call, callOther]) assert.ok(await each("show", id, "original"));
    server.hide(id);
    for (const each of [call, callOther]) {
      const taken = await untilTaken(each);
      assert.deepEqual(
        taken.map(({ fileId, reason }) => [fileId, reason]),
        [[id, "refused"]],
      );
    }
  },
);

test(
  "says of what this device has no room for that it is full, and goes on giving the rest",
  inChromium,
  async (t) => {
    const { page, origin, server, call, file, send } = await setUp(t);
    const small = await file("a.png");
    const large = await send("b.png", randomBytes(8_000_000));
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 2_000_000 });
    assert.deepEqual(await call("keep", [small], ["original"]), []);
    const notKept = await call<NotKept[]>("keep", [large], ["original"]);
    assert.deepEqual(
      notKept.map(({ fileId, code }) => [fileId, code]),
      [[large, "storage-full"]],
    );
    await server.close();
    assert.equal(await call("show", large, "original"), undefined);
    assert.equal((await call<Shown>("show", small, "original")).width, 1);
  },
);

test("two people on one profile never see each other's, and neither's is lost", inChromium, async (t) => {
  const { server, call, file } = await setUp(t);
  const id = await file("a.png");
  await call("keep", [id], ["original"]);
  await server.close();
  await call("start", server.url, "bob", "token");
  assert.equal(await call("show", id, "original"), undefined);
  await call("start", "https://other.example", "ann", "token");
  assert.equal(await call("show", id, "original"), undefined);
  await call("start", server.url, "ann", "token");
  assert.equal((await call<Shown>("show", id, "original")).width, 1);
});

test("a sign-out erases what its person keeps, and nothing of anybody else's", inChromium, async (t) => {
  const { server, call, file } = await setUp(t);
  const id = await file("a.png");
  for (const person of ["bob", "ann"]) {
    await call("start", server.url, person, "token");
    assert.deepEqual(await call("keep", [id], ["original"]), []);
  }
  const keptOf = async (person: string) => {
    await call("start", server.url, person, "token");
    return (await call<KeptFiles>("kept")).files.map(({ name }) => name);
  };
  await call("signOut", server.url, "ann", "keep", "keep");
  assert.deepEqual(await keptOf("ann"), ["a.png"]);
  // Also where uploads are to stay: whoever else uses this device could read the pictures' bytes.
  await call("signOut", server.url, "ann", "keep");
  assert.deepEqual(await keptOf("ann"), []);
  assert.deepEqual(await keptOf("bob"), ["a.png"]);
  await call("signOut", server.url, "bob", "delete");
  assert.deepEqual(await keptOf("bob"), []);
});

test("a sign-out erases without a network, too, and where nothing was ever kept", inChromium, async (t) => {
  const { server, page, call, file } = await setUp(t);
  const id = await file("a.png");
  assert.deepEqual(await call("keep", [id], ["original"]), []);
  await server.close();
  await page.context().setOffline(true);
  await call("signOut", server.url, "ann", "keep");
  assert.equal((await call<KeptFiles>("kept")).sizeBytes, 0);
  await call("signOut", server.url, "ann", "keep");
});

test(
  "a sign-out of who is not known forgets whatever anybody has of that server, and nothing of another's",
  inChromium,
  async (t) => {
    const { server, page, call, file } = await setUp(t);
    const id = await file("a.png");
    for (const person of ["bob", "ann"]) {
      await call("start", server.url, person, "token");
      assert.deepEqual(await call("keep", [id], ["original"]), []);
      await call("giveToken", server.url, person);
    }
    await call("giveToken", "https://other.example", "eve");
    await server.close();
    await page.context().setOffline(true);
    await call("signOut", server.url, "ann", "keep");
    assert.deepEqual((await call<string[]>("tokens")).sort(), ["bob", "eve"]);
    await call("signOut", server.url, null, "keep");
    assert.deepEqual(await call("tokens"), ["eve"]);
    for (const person of ["bob", "ann"]) {
      await call("start", server.url, person, "token");
      assert.equal((await call<KeptFiles>("kept")).sizeBytes, 0, person);
    }
  },
);

test(
  "shows nothing once its time without the server is over, with a clock that was set back meanwhile",
  inChromium,
  async (t) => {
    const { server, page, call, file } = await setUp(t);
    const id = await file("a.png");
    const dayMs = 86_400_000;
    const begunAtMs = Date.now();
    /** Starts the program again, with the device's clock so many days on. */
    const startAfter = async (days: number) => {
      await page.reload({ waitUntil: "load" });
      await page.clock.setSystemTime(begunAtMs + days * dayMs);
      await call("start", server.url, "ann", "token", 7 * dayMs);
    };
    await call("start", server.url, "ann", "token", 7 * dayMs);
    await call("keep", [id], ["original"]);
    await server.close();
    const isShown = async () => (await call<Shown | undefined>("show", id, "original")) !== undefined;
    for (const days of [4, 1, 3.9]) {
      await startAfter(days);
      assert.equal(await isShown(), true, `after ${days} days by its clock`);
    }
    await startAfter(4.1);
    assert.equal(await isShown(), false, "4 days, 2.9 days and 0.2 days have passed");
  },
);

interface Taken {
  readonly fileId: string;
  readonly reason: string;
  readonly atMs: number;
}

async function untilTaken(call: TestPage["call"]): Promise<Taken[]> {
  const endsAtMs = performance.now() + 10_000;
  for (;;) {
    const taken = await call<Taken[]>("taken");
    if (taken.length > 0) return taken;
    if (performance.now() > endsAtMs) throw new Error("Nothing was taken away.");
  }
}
