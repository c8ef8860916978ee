import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { createTestBrowser, withoutChromium } from "../testing/browser/index.contract.ts";
import { type ScriptedServerOptions, startScriptedServer, storeError } from "../testing/index.contract.ts";

const browser = createTestBrowser();
after(() => browser.close());
const inChromium = { skip: withoutChromium };
const entry = new URL("./page.contract.ts", import.meta.url);

interface Outcome {
  readonly state?: string;
  readonly contentType?: string;
  readonly sha256?: string;
  readonly code?: string;
  readonly message?: string;
}
interface Hashed {
  readonly sha256: string;
  readonly readBytes: number;
  readonly longestTaskMs: number;
  readonly hasSubtle: boolean;
}
type Told = readonly (readonly [stage: string, doneBytes: number, retry: string | null, delayMs: number])[];

async function setUp(t: TestContext, options: ScriptedServerOptions = {}, insecure = false) {
  const server = await startScriptedServer(options);
  t.after(() => server.close());
  const tab = await browser.open(t, {
    entry,
    insecure,
    contentSecurityPolicy: `default-src 'none'; script-src 'self'; connect-src ${server.url}`,
  });
  await tab.call("start", server.url);
  return { server, ...tab };
}

async function makeFile(t: TestContext, name: string, bytes: string | Buffer): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "stowage-page-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, name);
  await writeFile(path, bytes);
  return path;
}

/** As the page makes them. */
function madeBytes(sizeBytes: number): Buffer {
  const bytes = new Uint32Array(Math.ceil(sizeBytes / 4));
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = Math.imul(index + 1, 2654435761);
  return Buffer.from(bytes.buffer, 0, sizeBytes);
}

const sha256Of = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

test("sends a picked file from a page of another origin, and tells how far it is", inChromium, async (t) => {
  const { server, page, call, complaints } = await setUp(t);
  const bytes = madeBytes(6_000_000);
  await page.setInputFiles("input", await makeFile(t, "holiday.jpg", bytes));
  const outcome = await call<Outcome>("uploadPicked", 0);
  assert.deepEqual(outcome, { state: "ready", contentType: "image/jpeg", sha256: sha256Of(bytes) });
  assert.deepEqual(
    [...server.store.objects.values()].map((stored) => stored.equals(bytes)),
    [true],
  );
  const sending = (await call<Told>("told")).filter(([stage]) => stage === "sending");
  assert.equal(sending.at(-1)?.[1], bytes.length);
  assert.deepEqual(complaints, []);
});

test("sends a large file in parts", inChromium, async (t) => {
  const { server, call } = await setUp(t);
  const outcome = await call<Outcome>("uploadMade", 21_000_000, "film.jpg");
  assert.equal(outcome.state, "ready");
  assert.equal(outcome.sha256, sha256Of(madeBytes(21_000_000)));
  assert.equal(server.store.multiparts.storedCounts.size, 3);
});

test("announces what the first bytes say where the name says something else", inChromium, async (t) => {
  const { page, call } = await setUp(t);
  const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
  await page.setInputFiles("input", [await makeFile(t, "scan.jpg", png), await makeFile(t, "noname", png)]);
  assert.equal((await call<Outcome>("uploadPicked", 0)).contentType, "image/png");
  assert.equal((await call<Outcome>("uploadPicked", 1)).contentType, "image/png");
});

test("stops at once when it is aborted", inChromium, async (t) => {
  let isHanging: (() => void) | undefined;
  const hangs = new Promise<void>((resolve) => {
    isHanging = resolve;
  });
  const { server, call } = await setUp(t, {
    fault: ({ method }) => {
      if (method !== "PUT") return undefined;
      isHanging?.();
      return "hang";
    },
  });
  const outcome = call<Outcome>("uploadMade", 100_000, "photo.jpg");
  await hangs;
  await call("abort");
  assert.equal((await outcome).code, "aborted");
  assert.equal(server.store.objects.size, 0);
});

test("tries again after resets, and after the store asked for patience", inChromium, async (t) => {
  // Chromium itself repeats what was reset on a connection that it had used before.
  const resets = 3;
  let puts = 0;
  const { server, call } = await setUp(t, {
    fault: ({ method }) => {
      if (method !== "PUT") return undefined;
      puts += 1;
      if (puts <= resets) return "reset-mid-body";
      return puts === resets + 1
        ? { ...storeError(503, "SlowDown"), headers: { "retry-after": "1" } }
        : undefined;
    },
  });
  const outcome = await call<Outcome>("uploadMade", 300_000, "photo.jpg");
  assert.equal(outcome.state, "ready");
  assert.equal(server.store.storedCount(), 1);
  const retries = (await call<Told>("told")).flatMap(([, , retry, delayMs]) =>
    retry ? [{ retry, delayMs }] : [],
  );
  assert.equal(retries[0]?.retry, "network");
  assert.equal(retries.at(-1)?.retry, "store-refused");
  assert.ok((retries.at(-1)?.delayMs ?? 0) >= 1000);
});

test("says that a file has changed since it was picked", inChromium, async (t) => {
  const { server, page, call } = await setUp(t);
  const path = await makeFile(t, "draft.jpg", "one version");
  await page.setInputFiles("input", path);
  await writeFile(path, "another, and longer, version");
  const outcome = await call<Outcome>("uploadPicked", 0);
  assert.equal(outcome.code, "file-changed");
  assert.match(outcome.message ?? "", /draft\.jpg/);
  assert.equal(server.uploads.size, 0);
});

test("says that a file is gone", inChromium, async (t) => {
  const { page, call } = await setUp(t);
  const path = await makeFile(t, "gone.jpg", "bytes");
  await page.setInputFiles("input", path);
  await rm(path);
  const outcome = await call<Outcome>("uploadPicked", 0);
  assert.equal(outcome.code, "file-unreadable");
  assert.match(outcome.message ?? "", /gone\.jpg/);
});

test("tells a file that changed while it was sent from a network that failed", inChromium, async (t) => {
  const path = await makeFile(t, "draft.jpg", Buffer.alloc(100_000, 1));
  const { server, page, call } = await setUp(t, {
    fault: ({ method, index }) => {
      if (method !== "PUT") return undefined;
      void writeFile(path, `${index}`);
      return "reset";
    },
  });
  await page.setInputFiles("input", path);
  const outcome = await call<Outcome>("uploadPicked", 0);
  assert.equal(outcome.code, "file-changed");
  // Nobody could go on with it: its place is given back.
  assert.deepEqual(
    [...server.uploads.values()].map(({ state }) => state),
    ["aborted"],
  );
});

test(
  "hashes with the platform's own SHA-256 where there is one, and loads no other",
  inChromium,
  async (t) => {
    const { call, requested } = await setUp(t);
    const { sha256, hasSubtle } = await call<Hashed>("digest", 1_000_001);
    assert.equal(hasSubtle, true);
    assert.equal(sha256, sha256Of(madeBytes(1_000_001)));
    assert.deepEqual(
      requested.filter((path) => path.includes("sha256")),
      [],
    );
  },
);

test("hashes in an insecure context in turns that leave the page alive", inChromium, async (t) => {
  const { call, requested } = await setUp(t, {}, true);
  let longestTaskMs = Number.POSITIVE_INFINITY;
  // A machine that is busy with other things may stretch a turn: once it must go without.
  for (let tries = 0; tries < 3 && longestTaskMs > 0; tries += 1) {
    const hashed = await call<Hashed>("digest", 20_000_000);
    assert.equal(hashed.hasSubtle, false);
    assert.equal(hashed.sha256, sha256Of(madeBytes(20_000_000)));
    assert.equal(hashed.readBytes, 20_000_000);
    longestTaskMs = hashed.longestTaskMs;
  }
  // The browser tells of tasks above 50 ms only.
  assert.equal(longestTaskMs, 0);
  assert.equal(requested.filter((path) => path.includes("sha256")).length, 1);
});

test("sends from an insecure context", inChromium, async (t) => {
  const { server, call } = await setUp(t, {}, true);
  const outcome = await call<Outcome>("uploadMade", 2_000_000, "photo.jpg");
  assert.equal(outcome.state, "ready");
  assert.equal(outcome.sha256, sha256Of(madeBytes(2_000_000)));
  assert.equal(server.store.objects.size, 1);
});
