import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createTestBrowser, withoutChromium } from "@stowage/client/testing/browser";
import type { Page } from "playwright-core";
import { setUpPage, until } from "../testing/set-up.contract.ts";

const browser = createTestBrowser();
after(() => browser.close());
const inChromium = { skip: withoutChromium };

/** Of the window, as the browser knows them. */
async function countListeners(page: Page, type: string): Promise<number> {
  const devTools = await page.context().newCDPSession(page);
  const { result } = await devTools.send("Runtime.evaluate", { expression: "window" });
  const { listeners } = await devTools.send("DOMDebugger.getEventListeners", {
    objectId: result.objectId ?? "",
  });
  await devTools.detach();
  return listeners.filter((listener) => listener.type === type).length;
}

interface Shown {
  readonly name: string;
  readonly state: string;
  readonly code: string | null;
}

test(
  "shows a file that became ready at the top of the list, without asking for all of it",
  inChromium,
  async (t) => {
    const { server, have, untilNames, call, complaints } = await setUpPage(t, browser);
    await have("first.jpg", "second.jpg");
    await call("add", "third.jpg");
    await untilNames("files", ["third.jpg", "second.jpg", "first.jpg"]);
    // The list is asked for once, with its own limit; what uploads became, with another.
    assert.equal(server.count("GET /v1/files?scope=own&limit=100"), 1);
    assert.deepEqual(complaints, []);
  },
);

test("works in strict mode, which mounts everything twice", inChromium, async (t) => {
  const { page, have, call, complaints } = await setUpPage(t, browser, {}, { strict: true });
  await have("photo.jpg");
  assert.deepEqual(complaints, []);
  // Of its two beginnings no queue is left over, which would listen for ever.
  await call("unmount");
  await until(
    () => countListeners(page, "online"),
    (count) => count === 0,
    5_000,
  );
});

test(
  "takes files again, and shows them, where an <Activity> has hidden it meanwhile",
  inChromium,
  async (t) => {
    const { server, have, call, untilNames } = await setUpPage(t, browser, {}, { activity: "visible" });
    await have("before.jpg");
    const remount = { server: server.url, isSame: true };
    await call("mount", { ...remount, activity: "hidden" });
    await until(
      () => call<number>("cachedQueries"),
      (count) => count === 0,
    );
    await call("mount", { ...remount, activity: "visible" });
    await untilNames("files", ["before.jpg"]);
    await call("add", "after.jpg");
    await untilNames("files", ["after.jpg", "before.jpg"]);
  },
);

test("shows another queue where it is given one", inChromium, async (t) => {
  const { server, have, call, untilNames } = await setUpPage(t, browser);
  await have("first.jpg");
  await call("mount", { server: server.url, isSame: true, withOtherQueue: true });
  await until(
    () => call<Shown[]>("uploads"),
    (items) => items.length === 0,
  );
  await call("add", "second.jpg");
  await untilNames("files", ["second.jpg", "first.jpg"]);
});

const many = process.env.STOWAGE_TEST_LEVEL === "full" ? 1000 : 300;

test("takes hundreds of files without many requests, renders, or a torn page", inChromium, async (t) => {
  const { server, call } = await setUpPage(t, browser);
  await call("addMany", many);
  await until(
    () => call<{ ready: number }>("totals"),
    ({ ready }) => ready === many,
    120_000,
  );
  assert.equal(server.store.storedCount(), many);
  assert.equal(await call("hasTorn"), false);
  const renders = Object.values(await call<Record<string, number>>("renders"));
  assert.equal(renders.length, many);
  t.diagnostic(
    `renders a row: ${Math.max(...renders)} at most, ${renders.reduce((a, b) => a + b, 0) / many} on average`,
  );
  const creates = server.seen.filter(
    ({ method, path }) => method === "POST" && path === "/v1/uploads",
  ).length;
  t.diagnostic(`creates: ${creates}, lists of files: ${server.count("GET /v1/files")}`);
  // Saving, saved, created, sending, sent, checking, ready, and the file that it became: nothing else has come to its row.
  assert.ok(Math.max(...renders) <= 8);
});

test("goes on by itself when the network returns", inChromium, async (t) => {
  let isAway = true;
  const { page, call } = await setUpPage(t, browser, {
    fault: ({ method, path }) =>
      isAway && method === "POST" && path === "/v1/uploads" ? "reset" : undefined,
  });
  await page.clock.install();
  await call("add", "photo.jpg");
  // Through all of the client's own tries.
  const held = await until(
    async () => {
      await page.clock.runFor(20_000);
      return call<Shown[]>("uploads");
    },
    ([item]) => item?.state === "waiting-for-network",
  );
  assert.deepEqual(held, [{ name: "photo.jpg", state: "waiting-for-network", code: "network" }]);
  isAway = false;
  await page.evaluate(() => void dispatchEvent(new Event("online")));
  await until(
    async () => {
      await page.clock.runFor(1000);
      return call<Shown[]>("uploads");
    },
    ([item]) => item?.state === "ready",
  );
});

test("forgets everything of a person when another takes the page", inChromium, async (t) => {
  const { server, have, call, names } = await setUpPage(t, browser, {
    fault: ({ method, index }) => (method === "PUT" && index > 0 && isHanging ? "hang" : undefined),
  });
  let isHanging = false;
  await have("private.jpg");
  isHanging = true;
  await call("add", "unsent.jpg");
  await until(
    () => call<Shown[]>("uploads"),
    (items) => items[1]?.state === "sending",
  );
  await call("unmount");
  await until(
    () => call<number>("cachedQueries"),
    (count) => count === 0,
  );
  await call("mount", { server: server.url });
  await until(
    () => call<Shown[]>("uploads"),
    (items) => items.length === 0,
  );
  // A scripted server has one person only: what is seen now has been asked for anew.
  await until(
    () => names("files"),
    (files) => files.length === 1,
  );
  assert.equal(server.count("GET /v1/files?scope=own&limit=100"), 2);
});

test("shows nothing of one person to another who comes in the same moment", inChromium, async (t) => {
  let isHanging = false;
  const { server, have, call } = await setUpPage(t, browser, {
    fault: ({ method }) => (method === "PUT" && isHanging ? "hang" : undefined),
  });
  await have("private.jpg");
  isHanging = true;
  await call("add", "unsent.jpg");
  await until(
    () => call<Shown[]>("uploads"),
    (items) => items[1]?.state === "sending",
  );
  // Another client in the place of the first, without a page in between.
  await call("mount", { server: server.url });
  await until(
    () => call<Shown[]>("uploads"),
    (items) => items.length === 0,
  );
  await until(
    () => Promise.resolve(server.count("GET /v1/files?scope=own&limit=100")),
    (count) => count === 2,
  );
  // The lists of one person, and of no other.
  assert.equal(await call<number>("cachedQueries"), 2);
});

test("says in words what happens to uploads", inChromium, async (t) => {
  const rejection = { code: "corrupt", detail: "It ends too soon." } as const;
  const { page, call } = await setUpPage(t, browser, {
    verdict: (bytes) => (bytes.toString() === "bad.jpg" ? rejection : undefined),
  });
  const says = (words: string) => page.getByRole("status").filter({ hasText: words }).waitFor();
  await call("add", "good.jpg", "fine.jpg");
  await says("Done: 2 files ready.");
  await call("add", "bad.jpg");
  await says("Done: 2 files ready, 1 rejected.");
});
