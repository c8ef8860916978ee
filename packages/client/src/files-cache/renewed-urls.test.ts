import assert from "node:assert/strict";
import { test } from "node:test";
import type { Files } from "../files.ts";
import { createVirtualClock } from "../testing/virtual-clock.contract.ts";
import { createRenewedUrls } from "./renewed-urls.ts";

const hourMs = 3_600_000;

function setUp() {
  const clock = createVirtualClock();
  const here = { wallMs: 1_000 * hourMs };
  let minted = 0;
  const files = {
    async download() {
      minted += 1;
      return { method: "GET", url: `url ${minted}`, headers: {}, expiresInSeconds: 600 };
    },
  } as unknown as Files;
  return { clock, here, urls: createRenewedUrls({ files, clock, wallMs: () => here.wallMs }) };
}

test("gives out the same URL until a fifth of its life is left", async () => {
  const { clock, here, urls } = setUp();
  assert.deepEqual(await urls.url("1"), { url: "url 1", expiresInMs: 600_000 });
  await clock.pass(470_000);
  here.wallMs += 470_000;
  assert.deepEqual(await urls.url("1"), { url: "url 1", expiresInMs: 130_000 });
  await clock.pass(20_000);
  here.wallMs += 20_000;
  assert.equal((await urls.url("1")).url, "url 2");
});

test("gives out none from before a sleep in which the program's clock stood still", async () => {
  const { clock, here, urls } = setUp();
  await urls.url("1");
  await clock.pass(60_000);
  here.wallMs += 8 * hourMs;
  assert.deepEqual(await urls.url("1"), { url: "url 2", expiresInMs: 600_000 });
});

test("believes no URL to live longer where the device's clock is set back", async () => {
  const { clock, here, urls } = setUp();
  await urls.url("1");
  here.wallMs -= 8 * hourMs;
  await clock.pass(590_000);
  assert.equal((await urls.url("1")).url, "url 2");
});
