import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { bytesOf } from "../queue/queue-store.contract.ts";
import {
  callIn,
  createTestBrowser,
  type OpenOptions,
  servePage,
  startProfile,
  withoutChromium,
} from "../testing/browser/index.contract.ts";

const browser = createTestBrowser();
after(() => browser.close());
const inChromium = { skip: withoutChromium };
const entry = new URL("./store-page.contract.ts", import.meta.url);
const contentSecurityPolicy = "default-src 'none'; script-src 'self'";

interface Stored {
  readonly files: readonly (readonly [name: string, sizeBytes: number])[];
  readonly databases: readonly string[];
}

const setUp = (t: TestContext, options: Partial<OpenOptions> = {}) =>
  browser.open(t, { entry, contentSecurityPolicy, ...options });

/** A browser that can be killed and started again with what it has kept. */
async function setUpProfile(t: TestContext, preparations: readonly string[], flags: readonly string[] = []) {
  const profile = await mkdtemp(join(tmpdir(), "stowage-profile-"));
  const served = await servePage(entry, { contentSecurityPolicy });
  let running = await startProfile(profile, flags);
  t.after(async () => {
    await running.kill();
    await served.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  return {
    running: () => running,
    async restart() {
      running = await startProfile(profile, flags);
    },
    /** A page with someone's queue. */
    async open() {
      const page = await running.context.newPage();
      await page.goto(`http://localhost:${served.port}`);
      const call = <Result>(name: string, ...args: readonly unknown[]) => callIn<Result>(page, name, args);
      for (const preparation of preparations) await call(preparation);
      assert.equal(await call("openStore", "someone"), true);
      return call;
    },
  };
}

const sha256Of = (sizeBytes: number): string => createHash("sha256").update(bytesOf(sizeBytes)).digest("hex");

const smallBytes = 5_000_000;
const largeBytes = 9_000_000;

/** With the origin's file system, and in the database alone. */
const ways = [
  ["with files", []],
  ["in the database alone", ["withoutFiles"]],
] as const;

for (const [how, preparations] of ways) {
  test(`is a QueueStore in a page, ${how}`, inChromium, async (t) => {
    const { call, complaints } = await setUp(t);
    for (const preparation of preparations) await call(preparation);
    const outcomes = await call<[string, string][]>("runCases");
    assert.ok(outcomes.length > 15);
    assert.deepEqual(
      outcomes.filter(([, outcome]) => outcome !== "holds"),
      [],
    );
    assert.deepEqual(complaints, []);
  });

  test(`has rows and bytes after the browser was killed, ${how}`, inChromium, async (t) => {
    const { running, restart, open } = await setUpProfile(t, preparations);
    const before = await open();
    await before("write", ["small", "large", "half"]);
    assert.equal(await before("keep", "small", smallBytes), "done");
    assert.equal(await before("keep", "large", largeBytes), "done");
    const half = before<string>("keepMade", "half", 500_000_000).catch(() => "the page is gone");
    await before("untilMade", 50_000_000);
    await running().kill();
    assert.equal(await half, "the page is gone");

    await restart();
    const again = await open();
    assert.deepEqual(await again("ids"), ["small", "large", "half"]);
    assert.equal(await again("sha256", "small", smallBytes), sha256Of(smallBytes));
    assert.equal(await again("sha256", "large", largeBytes), sha256Of(largeBytes));
    assert.equal(await again("sha256", "half", 500_000_000), "nothing");
    assert.equal(await again("erase", ["half", "large", "small"]), "done");
    assert.deepEqual((await again<Stored>("stored")).files, []);
    assert.equal(await again("countPieces", "stowage someone"), 0);
  });

  test(`says that the device is full, and leaves what was there, ${how}`, inChromium, async (t) => {
    const { page, origin, call, complaints } = await setUp(t);
    for (const preparation of preparations) await call(preparation);
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 20_000_000 });
    await call("openStore", "someone");
    await call("write", ["small", "large", "more"]);
    assert.equal(await call("keep", "small", smallBytes), "done");
    assert.equal(await call("keep", "large", largeBytes), "done");
    const pieces = await call("countPieces", "stowage someone");

    // A small file goes into the database, which in Chromium hears of the room that files take only after a while.
    for (const sizeBytes of how === "with files" ? [12_000_000] : [12_000_000, 7_000_000]) {
      assert.equal(await call("keep", "more", sizeBytes), "storage-full");
      assert.equal(await call("sha256", "more", sizeBytes), "nothing");
    }
    assert.equal(await call("countPieces", "stowage someone"), pieces);
    const { files } = await call<Stored>("stored");
    assert.deepEqual(files, how === "with files" ? [["large", largeBytes]] : []);
    assert.equal(await call("sha256", "small", smallBytes), sha256Of(smallBytes));
    assert.equal(await call("sha256", "large", largeBytes), sha256Of(largeBytes));

    assert.equal(await call("write", ["another"]), "done");
    assert.equal(await call("keep", "another", 1000), "done");
    assert.equal(await call("erase", ["large"]), "done");
    assert.equal(await call("keep", "more", 12_000_000), "done");
    assert.equal(await call("sha256", "more", 12_000_000), sha256Of(12_000_000));
    assert.deepEqual(complaints, []);
  });

  test(`leaves nothing of a file that it stopped keeping, ${how}`, inChromium, async (t) => {
    const { call } = await setUp(t);
    for (const preparation of preparations) await call(preparation);
    await call("openStore", "someone");
    await call("write", ["a"]);
    assert.equal(await call("keepAborted", "a", 20_000_000), "aborted");
    assert.equal(await call("keepShortened", "a", smallBytes), "file-changed");
    assert.equal(await call("keepShortened", "a", largeBytes), "file-changed");
    assert.equal(await call("countPieces", "stowage someone"), 0);
    assert.deepEqual((await call<Stored>("stored")).files, []);
  });

  test(`keeps 500 MB, and reads them part by part, in flat memory, ${how}`, inChromium, async (t) => {
    // The page collects its garbage at every piece: what is measured is held.
    const { running, open } = await setUpProfile(t, preparations, ["--js-flags=--expose-gc"]);
    const call = await open();
    await call("write", ["film"]);
    const beforeBytes = running().memoryBytes();
    let mostBytes = 0;
    const watch = setInterval(() => {
      mostBytes = Math.max(mostBytes, running().memoryBytes() - beforeBytes);
    }, 100);
    t.after(() => clearInterval(watch));
    assert.equal(await call("keepMade", "film", 500_000_000), "done");
    const keeping = mostBytes;
    mostBytes = 0;
    assert.deepEqual(await call("readParts", "film", 500_000_000, 8 * 1024 * 1024), []);
    t.diagnostic(
      `${Math.round(keeping / 1e6)} MB more to keep it, ${Math.round(mostBytes / 1e6)} MB to read it`,
    );
    for (const bytes of [keeping, mostBytes]) assert.ok(bytes < 300_000_000, `${bytes} bytes`);
  });
}

test("asks whether there is room for a large file before it copies", inChromium, async (t) => {
  const { call } = await setUp(t);
  await call("estimateRoom", largeBytes - 1);
  await call("openStore", "someone");
  await call("write", ["large"]);
  assert.equal(await call("keepMade", "large", largeBytes), "storage-full");
  assert.equal(await call("madeBytes"), 0);
  assert.equal(await call("keepMade", "large", largeBytes - 1), "done");
});

test("stores none of the rows of which one can't be stored", inChromium, async (t) => {
  const { call, complaints } = await setUp(t);
  await call("openStore", "someone");
  assert.match(await call("writeUnstorable", ["a", "b"]), /DataCloneError/);
  assert.deepEqual(await call("ids"), []);
  assert.deepEqual(complaints, []);
});

test(
  "lets go of its database for a newer version, and of an owner's for who erases it",
  inChromium,
  async (t) => {
    const { call } = await setUp(t);
    await call("openStore", "someone");
    await call("write", ["a"]);
    assert.equal(await call("upgrade", "stowage someone"), "upgraded");
  },
);

test("keeps nothing where another has a newer version", inChromium, async (t) => {
  const { call } = await setUp(t);
  await call("upgrade", "stowage someone");
  assert.equal(await call("openStore", "someone"), false);
  await call("write", ["a"]);
  assert.deepEqual(await call("ids"), []);
});

test(
  "keeps nothing, and says so, where the browser refuses, and in an insecure context",
  inChromium,
  async (t) => {
    const refusing = await setUp(t);
    await refusing.call("refuseDatabases");
    const insecure = await setUp(t, { insecure: true });
    for (const { call } of [refusing, insecure]) {
      assert.equal(await call("openStore", "someone"), false);
      await call("write", ["a"]);
      assert.equal(await call("keep", "a", smallBytes), "done");
      assert.equal(await call("sha256", "a", smallBytes), "nothing");
    }
  },
);

test("asks once that what it keeps is not cleared", inChromium, async (t) => {
  const { call } = await setUp(t);
  await call("countPersist");
  await call("openStore", "someone");
  await call("write", ["a", "b"]);
  assert.equal(await call("persistAsked"), 0);
  await call("keep", "a", 10);
  await call("keep", "b", 10);
  assert.equal(await call("persistAsked"), 1);
});

test("goes on with a new database where somebody has deleted its own", inChromium, async (t) => {
  const { call } = await setUp(t);
  await call("openStore", "someone");
  await call("write", ["before"], {});
  await call("deleteDatabases");
  assert.equal(await call("write", ["after"], {}), "done");
  assert.deepEqual(await call("ids"), ["after"]);
});
