import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";
import { callIn, createTestBrowser, withoutChromium } from "../testing/browser/index.contract.ts";

const browser = createTestBrowser();
after(() => browser.close());
const inChromium = { skip: withoutChromium };
const entry = new URL("./lock-page.contract.ts", import.meta.url);

/** Tabs of one origin. */
async function setUp(t: TestContext, count: number) {
  const first = await browser.open(t, {
    entry,
    contentSecurityPolicy: "default-src 'none'; script-src 'self'",
  });
  const tabs = [first.page];
  while (tabs.length < count) {
    const page = await first.page.context().newPage();
    await page.goto(first.origin);
    tabs.push(page);
  }
  return tabs.map((page) => {
    const call = <Result>(name: string, ...args: readonly unknown[]) => callIn<Result>(page, name, args);
    return {
      page,
      call,
      state: () => call<string>("state"),
      /** Waits until it is so; the test's own limit ends it. */
      async until(wanted: string, withinMs = 10_000) {
        const deadline = performance.now() + withinMs;
        while ((await call("state")) !== wanted) {
          assert.ok(performance.now() < deadline, `it is not so within ${withinMs} ms: ${wanted}`);
          await sleep(20);
        }
      },
    };
  }) as [Tab, Tab, Tab];
}

interface Tab {
  readonly page: Page;
  call<Result>(name: string, ...args: readonly unknown[]): Promise<Result>;
  state(): Promise<string>;
  until(wanted: string, withinMs?: number): Promise<void>;
}

test("is a QueueLock and a QueueChannel in a page that is not looked at", inChromium, async (t) => {
  const [tab] = await setUp(t, 1);
  await tab.call("show", "hidden");
  const outcomes = await tab.call<[string, string][]>("runCases");
  assert.deepEqual(
    outcomes.filter(([, outcome]) => outcome !== "holds"),
    [],
  );
  assert.ok(outcomes.length > 5);
});

test("lets one tab lead, and another when it steps down or is closed", inChromium, async (t) => {
  const [one, two, three] = await setUp(t, 3);
  await one.call("want", "someone");
  await one.until("leads");
  await two.call("want", "someone");
  await three.call("want", "another");
  await three.until("leads");
  assert.equal(await two.state(), "waits");
  await one.call("release");
  await two.until("leads");
  await one.call("want", "someone");
  await two.page.close();
  await one.until("leads");
});

test("leaves the lead to a tab that is looked at, for as long as it is", inChromium, async (t) => {
  const [one, two] = await setUp(t, 2);
  await one.call("want", "someone");
  await one.until("leads");
  await two.call("want", "someone");
  // Longer than who leads has time to answer: it does, and is not robbed.
  await sleep(5000);
  assert.deepEqual([await one.state(), await two.state()], ["leads", "waits"]);
  await one.call("show", "hidden");
  await two.until("leads");
  assert.equal(await one.state(), "lost");
});

test("hands over to the tab that comes into sight", inChromium, async (t) => {
  const [one, two, three] = await setUp(t, 3);
  for (const tab of [one, two, three]) await tab.call("show", "hidden");
  await one.call("want", "someone");
  await one.until("leads");
  await two.call("want", "someone");
  await three.call("want", "someone");
  await three.call("show", "visible");
  // The second waits for longer, and hands over in its turn.
  await three.until("leads");
  assert.deepEqual([await one.state(), await two.state()], ["lost", "lost"]);
});

test("takes the lead over from a worker", inChromium, async (t) => {
  const [one, two] = await setUp(t, 2);
  assert.equal(await one.call("wantInWorker", "someone"), "leads");
  await two.call("want", "someone");
  await two.until("leads");
  await one.until("lost");
});

test("does not step down while it may not", inChromium, async (t) => {
  const [one, two] = await setUp(t, 2);
  await one.call("refuseToYield");
  await one.call("show", "hidden");
  await one.call("want", "someone");
  await one.until("leads");
  await two.call("want", "someone");
  await sleep(5000);
  assert.deepEqual([await one.state(), await two.state()], ["leads", "waits"]);
});

test("robs a tab that does not answer, which hears of it when it goes on", inChromium, async (t) => {
  const [one, two] = await setUp(t, 2);
  await one.call("want", "someone");
  await one.until("leads");
  await one.call("hang", 6000);
  await two.call("want", "someone");
  await two.until("leads", 5000);
  await one.until("lost");
  assert.equal(await two.state(), "leads");
});

test("leads after the tab that led has crashed", inChromium, async (t) => {
  const [one, two] = await setUp(t, 2);
  await two.call("show", "hidden");
  await one.call("want", "someone");
  await one.until("leads");
  await two.call("want", "someone");
  const devtools = await one.page.context().newCDPSession(one.page);
  void devtools.send("Page.crash").catch(() => undefined);
  await two.until("leads");
});

test("leads at once where there are no locks", inChromium, async (t) => {
  const { call } = await browser.open(t, { entry, insecure: true });
  await call("want", "someone");
  assert.equal(await call("state"), "leads");
});
