import assert from "node:assert/strict";
import { after, test } from "node:test";
import { captivePortal, problemOf, problemReply } from "@stowage/client/testing";
import { createTestBrowser, withoutChromium } from "@stowage/client/testing/browser";
import type { Page } from "playwright-core";
import { returnOfNetwork, setUpPage, until } from "../testing/set-up.contract.ts";

const browser = createTestBrowser();
after(() => browser.close());
const inChromium = { skip: withoutChromium };

/** Holds requests of one kind back until they are let go. */
function createGate(methodAndPath: string) {
  let isShut = false;
  return {
    shut: () => {
      isShut = true;
    },
    open: () => {
      isShut = false;
    },
    fault: ({ method, path }: { method: string; path: string }) =>
      isShut && `${method} ${path}`.startsWith(methodAndPath) ? ("reset" as const) : undefined,
  };
}

test("shows a new name before the server has it, and keeps it", inChromium, async (t) => {
  const { page, server, have, call, names, untilNames } = await setUpPage(t, browser);
  await have("old.jpg");
  const { promise: isOpen, resolve: letGo } = Promise.withResolvers<void>();
  await page.route("**/v1/files/*", async (route) => {
    if (route.request().method() === "PATCH") await isOpen;
    await route.continue();
  });
  const done = call<boolean>("rename", "old.jpg", "new.jpg");
  await untilNames("files", ["new.jpg"]);
  assert.equal(server.count("PATCH"), 0);
  letGo();
  assert.equal(await done, true);
  assert.deepEqual(await names("files"), ["new.jpg"]);
  assert.deepEqual(server.seen.find(({ method }) => method === "PATCH")?.json, { name: "new.jpg" });
});

test("takes a name back that the server refuses, and says why", inChromium, async (t) => {
  const { page, have, call, names } = await setUpPage(t, browser, {
    fault: ({ method }) =>
      method === "PATCH"
        ? problemReply(problemOf("validation-failed", "A name must not be blank."))
        : undefined,
  });
  await have("old.jpg");
  assert.equal(await call<boolean>("rename", "old.jpg", " "), false);
  assert.deepEqual(await names("files"), ["old.jpg"]);
  assert.equal(await page.getByRole("alert").textContent(), "A name must not be blank.");
});

test(
  "does not change what was changed elsewhere, shows it as it is now, and says so",
  inChromium,
  async (t) => {
    const { page, server, have, call, untilNames } = await setUpPage(t, browser);
    await have("old.jpg");
    await call("renameElsewhere", "old.jpg", "elsewhere.jpg");
    assert.equal(await call<boolean>("trash", "old.jpg"), false);
    await untilNames("files", ["elsewhere.jpg"]);
    assert.match((await page.getByRole("alert").textContent()) ?? "", /changed elsewhere/);
    assert.equal(server.count("DELETE"), 0);
  },
);

test("moves files to the trash and back, and to their own place in the list", inChromium, async (t) => {
  const { have, call, names } = await setUpPage(t, browser);
  await have("a.jpg", "b.jpg", "c.jpg");
  assert.equal(await call<boolean>("trash", "b.jpg"), true);
  assert.deepEqual(await names("files"), ["c.jpg", "a.jpg"]);
  assert.deepEqual(await names("trashed"), ["b.jpg"]);
  assert.equal(await call<boolean>("restore", "b.jpg"), true);
  assert.deepEqual(await names("files"), ["c.jpg", "b.jpg", "a.jpg"]);
  assert.deepEqual(await names("trashed"), []);
});

test("deletes for good, and not twice", inChromium, async (t) => {
  const { server, have, call, names } = await setUpPage(t, browser);
  await have("a.jpg");
  await call("trash", "a.jpg");
  assert.equal(await call<boolean>("purge", "a.jpg"), true);
  assert.deepEqual(await names("trashed"), []);
  assert.equal(server.count("DELETE"), 2);
});

test("puts a file back at its place when it could not be removed", inChromium, async (t) => {
  const { have, call, names, untilNames } = await setUpPage(t, browser, {
    fault: ({ method }) =>
      method === "DELETE" ? problemReply(problemOf("insufficient-scope", "You may not do that.")) : undefined,
  });
  await have("a.jpg", "b.jpg", "c.jpg");
  const done = call<boolean>("trash", "b.jpg");
  await untilNames("files", ["c.jpg", "b.jpg", "a.jpg"]);
  assert.equal(await done, false);
  assert.deepEqual(await names("files"), ["c.jpg", "b.jpg", "a.jpg"]);
  assert.deepEqual(await names("trashed"), []);
});

test("makes changes of one file one after another", inChromium, async (t) => {
  const { server, have, call, names } = await setUpPage(t, browser);
  await have("a.jpg");
  const first = call<boolean>("rename", "a.jpg", "b.jpg");
  await until(
    () => names("files"),
    ([name]) => name === "b.jpg",
  );
  const second = call<boolean>("trash", "b.jpg");
  assert.deepEqual([await first, await second], [true, true]);
  assert.deepEqual(await names("trashed"), ["b.jpg"]);
  assert.deepEqual(
    server.seen.flatMap(({ method }) => (method === "PATCH" || method === "DELETE" ? method : [])),
    ["PATCH", "DELETE"],
  );
});

test("loads page after page, and no file twice", inChromium, async (t) => {
  const { have, call, names } = await setUpPage(t, browser, {}, { pageSize: 2 });
  await have("1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg");
  await call("more");
  await call("more");
  const seen = await names("files");
  assert.deepEqual(seen, ["5.jpg", "4.jpg", "3.jpg", "2.jpg", "1.jpg"]);
});

test("keeps what became ready while an older answer was on its way", inChromium, async (t) => {
  const { page, have, call, untilNames } = await setUpPage(t, browser);
  await have("a.jpg");
  // An answer that was written before the next file was there, and comes after it.
  await page.route("**/v1/files?scope=own&limit=100", async (route) => {
    const response = await route.fetch();
    await call("add", "b.jpg");
    await untilNames("files", ["b.jpg", "a.jpg"]);
    await route.fulfill({ response });
  });
  await call("refetch");
  await untilNames("files", ["b.jpg", "a.jpg"]);
});

test("asks for many links by few requests", inChromium, async (t) => {
  const { page, server, call, names } = await setUpPage(t, browser, {}, { withLinks: true, pageSize: 200 });
  await call("addMany", 250);
  await until(
    () => names("files"),
    (files) => files.length === 250,
    120_000,
  );
  await page.waitForFunction(() => document.querySelectorAll("a[href]").length === 250);
  const before = server.count("POST /v1/downloads");
  await call("unmount");
  await call("mount", { server: server.url, withLinks: true, pageSize: 200 });
  await page.waitForFunction(() => document.querySelectorAll("a[href]").length === 200);
  const asked = server.seen
    .filter(({ path }) => path === "/v1/downloads")
    .slice(before)
    .map(({ json }) => (json as { files: unknown[] }).files.length);
  assert.deepEqual(asked, [200]);
});

test("renews a link before it runs out", inChromium, async (t) => {
  const { page, server, have } = await setUpPage(t, browser, {}, { withLinks: true });
  await page.clock.install();
  await have("a.jpg");
  const link = page.getByRole("link", { name: "a.jpg" });
  await page.waitForFunction(() => document.querySelector("a[href]") !== null);
  const first = await link.getAttribute("href");
  await page.clock.fastForward(500_000);
  assert.equal(await link.getAttribute("href"), first);
  await page.clock.fastForward(60_000);
  await page.waitForFunction((old) => document.querySelector("a")?.href !== old, first);
  assert.equal(server.count("POST /v1/downloads"), 2);
});

test("says that the server can't be reached, and takes the change back", inChromium, async (t) => {
  const gate = createGate("PATCH");
  const { page, have, call, names } = await setUpPage(t, browser, { fault: gate.fault });
  await have("a.jpg");
  gate.shut();
  await page.clock.install();
  const done = call<boolean>("rename", "a.jpg", "b.jpg");
  const outcome = await until(
    async () => {
      await page.clock.runFor(20_000);
      return Promise.race([done, undefined]);
    },
    (seen) => seen !== undefined,
  );
  assert.equal(outcome, false);
  assert.deepEqual(await names("files"), ["a.jpg"]);
  assert.match((await page.getByRole("alert").textContent()) ?? "", /can't be reached/);
});

test("does not take a portal's page for a list", inChromium, async (t) => {
  let portals = 2;
  const { server, untilNames, call } = await setUpPage(t, browser, {
    fault: ({ path }) => {
      if (!path.startsWith("/v1/files?scope=own") || portals === 0) return undefined;
      portals -= 1;
      return captivePortal;
    },
  });
  await untilNames("files", []);
  await call("add", "a.jpg");
  await untilNames("files", ["a.jpg"]);
  assert.ok(server.count("GET /v1/files?scope=own") >= 3);
});

/** Before it is asked for again by itself. */
const soonMs = 10_000;

for (const [when, goOn] of [
  ["when the network is back", returnOfNetwork],
  ["from time to time", (page: Page) => page.clock.runFor(20_000)],
] as const) {
  test(`asks again for a list that could not be had ${when}`, inChromium, async (t) => {
    const gate = createGate("GET /v1/files?scope=own");
    const { page, server, have, call, names } = await setUpPage(t, browser, { fault: gate.fault });
    await have("a.jpg");
    gate.shut();
    await page.clock.install();
    await call("mount", { server: server.url, maxAttempts: 1 });
    await until(
      () => call<string>("filesStatus"),
      (status) => status === "error",
    );
    gate.open();
    await goOn(page);
    await until(
      () => names("files"),
      ([name]) => name === "a.jpg",
      soonMs,
    );
  });

  test(`asks again for a link that could not be had ${when}`, inChromium, async (t) => {
    const gate = createGate("POST /v1/downloads");
    const { page, server, have, call } = await setUpPage(t, browser, { fault: gate.fault });
    await have("a.jpg");
    gate.shut();
    await page.clock.install();
    await call("mount", { server: server.url, withLinks: true, maxAttempts: 1 });
    await until(
      () => page.locator("a[data-code=network]").count(),
      (count) => count === 1,
    );
    gate.open();
    await goOn(page);
    await page.locator("a[href]").waitFor({ timeout: soonMs });
  });
}

test("asks no more for a link that is refused", inChromium, async (t) => {
  const { page, server, have } = await setUpPage(
    t,
    browser,
    {
      fault: ({ path }) =>
        path === "/v1/downloads" ? problemReply(problemOf("insufficient-scope", "You may not.")) : undefined,
    },
    { withLinks: true },
  );
  await page.clock.install();
  await have("a.jpg");
  await page.locator("a[data-code=insufficient-scope]").waitFor();
  const asked = server.count("POST /v1/downloads");
  await page.clock.runFor(60_000);
  assert.equal(server.count("POST /v1/downloads"), asked);
});
