// What a person has seen is kept on their device: shown without a network, and gone when it may not be seen any more.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Locator, Page } from "playwright-core";
import { findBarriers } from "./harness/accessibility.ts";
import { addPerson } from "./harness/add-person.ts";
import { deleteFile } from "./harness/files.ts";
import { makeJpeg } from "./harness/images.ts";
import { readDevice } from "./harness/read-device.ts";
import { uploadToEnd } from "./harness/upload.ts";
import { waitFor } from "./harness/wait-for.ts";
import { failedRequests } from "./harness/watched-page.ts";
import {
  action,
  apiOf,
  fileTile,
  newAccount,
  openVisitor,
  signIn,
  signOut,
  signUp,
  type Visitor,
  viewer,
  waitUntilSignedIn,
  waitUntilSignedOut,
} from "./harness/web-page.ts";
import { describeWebSuite } from "./harness/web-suite.ts";

const suite = describeWebSuite();
const { skip } = suite;

const names = ["harbour.jpg", "island.jpg", "lighthouse.jpg"] as const;

/** Somebody with three pictures, all of which are kept on their device. */
async function withKept(visitor: Visitor, account = newAccount("Ada Quay")): Promise<readonly string[]> {
  const { page } = visitor;
  await signUp(page, suite.server.web, account);
  const ids = await sendPictures(page);
  await page.reload();
  await fileTile(page, names[0]).waitFor();
  await untilKept(page, ids);
  return ids;
}

async function sendPictures(page: Page): Promise<readonly string[]> {
  const api = await apiOf(page, suite.server.api);
  const ids: string[] = [];
  for (const [index, name] of names.entries()) {
    const bytes = await makeJpeg({ width: 1200 + index, height: 800 });
    ids.push((await uploadToEnd(api, bytes, { name, contentType: "image/jpeg" })).fileId ?? "");
  }
  return ids;
}

/** Thumbnail and large picture of each, and what the application starts from. */
async function untilKept(page: Page, ids: readonly string[]): Promise<void> {
  await waitFor("the pictures to be kept", async () => {
    const { kept } = await readDevice(page);
    return ids.every((id) =>
      ["thumbnail", "preview"].every((name) =>
        kept.some((one) => one.fileId === id && one.derivative === name),
      ),
    );
  });
  await page.evaluate(() => navigator.serviceWorker.ready);
}

const offlineWords = (page: Page): Locator =>
  page.getByText(/These are the 3 pictures kept on this device, to be seen until .+ at \d/);

const assertDrawn = (within: Locator, name: string): Promise<boolean> =>
  waitFor(`${name} to be drawn`, () =>
    within.locator(`img[alt="${name}"]`).evaluate((image) => {
      const { complete, naturalWidth } = image as HTMLImageElement;
      return complete && naturalWidth > 0;
    }),
  );

/** A picture that is there without a network: from this device, and drawn. */
const assertShown = (within: Locator, name: string): Promise<boolean> =>
  waitFor(`${name} to be drawn`, () =>
    within.locator(`img[alt="${name}"]`).evaluate((image) => {
      const { src, complete, naturalWidth } = image as HTMLImageElement;
      return src.startsWith("blob:") && complete && naturalWidth > 0;
    }),
  );

async function look(page: Page, what: string): Promise<void> {
  for (const [device, width, height] of [
    ["phone", 390, 844],
    ["desktop", 1280, 900],
  ] as const)
    for (const colorScheme of ["dark", "light"] as const) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await findBarriers(page), [], `${what}, ${device}, ${colorScheme}`);
      if (process.env.STOWAGE_LOOK)
        await page.screenshot({ path: `${process.env.STOWAGE_LOOK}/${what}-${device}-${colorScheme}.png` });
    }
}

test("without a network the application starts with what is kept, and goes on when the network is back", {
  skip,
}, async () => {
  const visitor = await openVisitor(suite.browser);
  const { page, context, watch } = visitor;
  await withKept(visitor);
  watch.assertClean();
  watch.expect(failedRequests);
  await context.setOffline(true);
  await page.reload();
  await offlineWords(page).waitFor();
  for (const name of names) await assertShown(fileTile(page, name), name);
  await look(page, "kept-start");
  await fileTile(page, names[1]).click();
  await assertShown(viewer(page, names[1]), names[1]);
  await look(page, "kept-viewer");
  await page.keyboard.press("ArrowRight");
  await assertShown(viewer(page, names[0]), names[0]);
  // The address of a file leads to it without a network, too.
  await page.reload();
  await assertShown(viewer(page, names[0]), names[0]);
  await page.keyboard.press("Escape");
  await offlineWords(page).waitFor();
  await context.setOffline(false);
  await waitUntilSignedIn(page);
  await fileTile(page, names[0]).waitFor();
  watch.assertClean();
  await context.close();
});

test("a page that is open when the network goes shows what is kept, also what is come back to", {
  skip,
}, async () => {
  const visitor = await openVisitor(suite.browser);
  const { page, context, watch } = visitor;
  await withKept(visitor);
  watch.assertClean();
  watch.expect(failedRequests);
  await context.setOffline(true);
  await page.getByText(/3 pictures are kept on this device and can be seen until/).waitFor();
  await action(page, "Trash").click();
  await fileTile(page, names[0]).waitFor({ state: "detached" });
  await action(page, "Files").click();
  for (const name of names) await assertDrawn(fileTile(page, name), name);
  await look(page, "kept-open-page");
  await fileTile(page, names[2]).click();
  await assertShown(viewer(page, names[2]), names[2]);
  watch.assertClean();
  await context.close();
});

test("what its owner takes back is off the screen and off the device within 2 s", { skip }, async (t) => {
  const ann = await addPerson(suite.server, "ann");
  const visitor = await openVisitor(suite.browser);
  const { page, context, watch } = visitor;
  await signUp(page, suite.server.web, newAccount("Bob Buoy"));
  const bob = await apiOf(page, suite.server.api);
  const bobsId = (await bob.get<{ id: string }>("/v1/me")).body.id;
  const [stays, goes] = await Promise.all(
    ["stays.jpg", "goes.jpg"].map(async (name, index) => {
      const bytes = await makeJpeg({ width: 900 + index, height: 600 });
      const { fileId = "" } = await uploadToEnd(ann.api, bytes, { name, contentType: "image/jpeg" });
      const granted = await ann.api.send("PUT", `/v1/files/${fileId}/grants/${bobsId}`, { json: {} });
      assert.ok(granted.status < 300);
      return fileId;
    }),
  );
  await action(page, "Shared").click();
  const shared = page.getByRole("list", { name: "Shared files" });
  for (const name of ["stays.jpg", "goes.jpg"]) {
    await action(shared, `Open ${name}`).click();
    await assertDrawn(viewer(page, name), name);
    await page.keyboard.press("Escape");
  }
  await waitFor("both to be kept", async () => {
    const { kept } = await readDevice(page);
    return [stays, goes].every((id) => kept.filter(({ fileId }) => fileId === id).length === 2);
  });

  await action(shared, "Open goes.jpg").click();
  await viewer(page, "goes.jpg").waitFor();
  const revokedAtMs = performance.now();
  const revoked = await ann.api.send("DELETE", `/v1/files/${goes}/grants/${bobsId}`);
  assert.ok(revoked.status < 300);
  await viewer(page, "goes.jpg").waitFor({ state: "detached" });
  await action(shared, "Open goes.jpg").waitFor({ state: "detached" });
  const tookMs = Math.round(performance.now() - revokedAtMs);
  t.diagnostic(`gone after ${tookMs} ms`);
  assert.ok(tookMs <= 2000, `${tookMs} ms`);
  const device = await readDevice(page);
  for (const secret of [goes, "goes.jpg"]) assert.ok(!device.text.includes(secret ?? ""), String(secret));
  assert.equal(await action(shared, "Open stays.jpg").count(), 1);

  watch.expect(failedRequests);
  await context.setOffline(true);
  await page.reload();
  await assertShown(fileTile(page, "stays.jpg"), "stays.jpg");
  assert.equal(await page.getByText("goes.jpg").count(), 0);
  watch.assertClean();
  await context.close();
});

test("what was taken back while the device was offline is gone at the next contact", { skip }, async () => {
  const visitor = await openVisitor(suite.browser);
  const { page, context, watch } = visitor;
  const [gone = ""] = await withKept(visitor);
  const api = await apiOf(page, suite.server.api);
  watch.expect(failedRequests);
  await context.setOffline(true);
  await page.reload();
  await offlineWords(page).waitFor();
  const removed = await api.delete(`/v1/files/${gone}`, { "if-match": "*" });
  assert.ok(removed.status < 300, JSON.stringify(removed.body));
  await assertShown(fileTile(page, names[0]), names[0]);
  await context.setOffline(false);
  await waitUntilSignedIn(page);
  await waitFor("it to be gone from the device", async () => !(await readDevice(page)).text.includes(gone));
  await context.setOffline(true);
  await page.reload();
  await page.getByText(/These are the 2 pictures kept on this device/).waitFor();
  assert.equal(await page.getByText(names[0]).count(), 0);
  watch.assertClean();
  await context.close();
});

test("a picture that was in the trash as it was to be kept is kept when it is seen again", {
  skip,
}, async () => {
  const visitor = await openVisitor(suite.browser);
  const { context, page, watch } = visitor;
  await signUp(page, suite.server.web, newAccount("Tova Tide"));
  const api = await apiOf(page, suite.server.api);
  const bytes = await makeJpeg({ width: 1200, height: 800 });
  const { fileId = "" } = await uploadToEnd(api, bytes, { name: "tide.jpg", contentType: "image/jpeg" });
  const isAsked = page.waitForResponse((response) => response.url().includes(`/v1/files?ids=${fileId}`));
  await page.reload();
  await fileTile(page, "tide.jpg").waitFor();
  // By another device, before the page gets round to keeping it.
  await deleteFile(api, fileId);
  await isAsked;
  const restored = await api.send("POST", `/v1/files/${fileId}/restore`, { headers: { "if-match": "*" } });
  assert.equal(restored.status, 200, restored.text);
  await page.getByRole("link", { name: "Trash", exact: true }).click();
  await page.getByRole("link", { name: "Files", exact: true }).click();
  await fileTile(page, "tide.jpg").waitFor();
  await waitFor("it to be kept", async () =>
    (await readDevice(page)).kept.some((one) => one.fileId === fileId && one.derivative === "thumbnail"),
  );
  watch.assertClean();
  await context.close();
});

test("without the server's word it is gone when its time is over", { skip }, async () => {
  const visitor = await openVisitor(suite.browser);
  const { page, context, watch } = visitor;
  await withKept(visitor);
  watch.expect(failedRequests);
  await context.setOffline(true);
  const begunAtMs = Date.now();
  const startAfter = async (days: number) => {
    await page.clock.setSystemTime(begunAtMs + days * 86_400_000);
    await page.reload();
  };
  await startAfter(6.9);
  await offlineWords(page).waitFor();
  await startAfter(7.1);
  await page.getByText("The server can’t be reached").waitFor();
  await waitFor("the bytes to be gone", async () => (await readDevice(page)).kept.length === 0);
  await context.close();
});

test("who sits at a device without a network can remove what is kept there", { skip }, async () => {
  const visitor = await openVisitor(suite.browser);
  const { page, context, watch } = visitor;
  await withKept(visitor);
  watch.expect(failedRequests);
  await context.setOffline(true);
  await page.reload();
  await action(page, "Remove from this device").click();
  await look(page, "kept-remove");
  await action(page, "Remove them").click();
  await page.getByText("The server can’t be reached").waitFor();
  assert.deepEqual((await readDevice(page)).kept, []);
  watch.assertClean();
  await context.close();
});

test("a server that gives no answer is not waited for by who keeps pictures", { skip }, async () => {
  const visitor = await openVisitor(suite.browser);
  const { page, context, watch } = visitor;
  await withKept(visitor);
  // A network that swallows everything, as in a tunnel or a hotel.
  await context.route("**/session/token", () => undefined);
  await page.reload();
  await offlineWords(page).waitFor({ timeout: 15_000 });
  await context.unroute("**/session/token");
  watch.expect(failedRequests);
  await waitUntilSignedIn(page);
  watch.assertClean();
  await context.close();
});

test("a sign-out leaves nothing of its person on the device, and a start without a network shows nothing", {
  skip,
}, async () => {
  const visitor = await openVisitor(suite.browser);
  const { page, context, watch } = visitor;
  const account = newAccount("Dora Dock");
  const ids = await withKept(visitor, account);
  const other = await context.newPage();
  await other.goto(suite.server.web);
  await fileTile(other, names[0]).waitFor();
  await signOut(page);
  await waitUntilSignedOut(other);
  for (const tab of [page, other]) {
    const { text, kept } = await readDevice(tab);
    assert.deepEqual(kept, []);
    for (const secret of [...ids, ...names, account.email, account.name])
      assert.ok(!text.includes(secret), `signed out, but ${secret} is still on the device`);
  }
  watch.assertClean();
  watch.expect(failedRequests);
  await context.setOffline(true);
  await page.goto(suite.server.web);
  await page.getByText("The server can’t be reached").waitFor();
  for (const name of names) assert.equal(await page.getByText(name).count(), 0);
  await context.close();
});

test("two people on one browser never see what the other keeps", { skip }, async () => {
  const visitor = await openVisitor(suite.browser);
  const { page, context, watch } = visitor;
  const ada = newAccount("Ada Quay");
  const hers = await withKept(visitor, ada);
  // Her session ends without a sign-out: what she keeps waits for her, and nobody else is shown it.
  await context.clearCookies();
  await page.goto(suite.server.web);
  await waitUntilSignedOut(page);
  watch.expect(failedRequests);
  await context.setOffline(true);
  await page.reload();
  await page.getByText("The server can’t be reached").waitFor();
  assert.equal(await page.locator("img[src^='blob:']").count(), 0);
  await context.setOffline(false);

  await signUp(page, suite.server.web, newAccount("Ben Bollard"));
  const api = await apiOf(page, suite.server.api);
  const bytes = await makeJpeg({ width: 1000, height: 700 });
  const { fileId: his = "" } = await uploadToEnd(api, bytes, {
    name: "bollard.jpg",
    contentType: "image/jpeg",
  });
  await page.reload();
  await fileTile(page, "bollard.jpg").waitFor();
  await untilKept(page, [his]);
  await context.setOffline(true);
  await page.reload();
  await assertShown(fileTile(page, "bollard.jpg"), "bollard.jpg");
  for (const name of names) assert.equal(await page.getByText(name).count(), 0);
  assert.equal(await page.locator("img[src^='blob:']").count(), 1);
  for (const id of hers) {
    await page.goto(`${suite.server.web}/files/${id}`);
    await fileTile(page, "bollard.jpg").waitFor();
    assert.equal(await viewer(page).count(), 0);
  }
  await page.goto(suite.server.web);
  await context.setOffline(false);
  await waitUntilSignedIn(page);
  await signOut(page);
  assert.ok(!(await readDevice(page)).text.includes(his));

  await signIn(page, suite.server.web, ada);
  await fileTile(page, names[0]).waitFor();
  await untilKept(page, hers);
  await context.setOffline(true);
  await page.reload();
  await offlineWords(page).waitFor();
  assert.equal(await page.getByText("bollard.jpg").count(), 0);
  watch.assertClean();
  await context.close();
});

test("who wants nothing kept here removes it, and nothing is kept again until they say so", {
  skip,
}, async () => {
  const visitor = await openVisitor(suite.browser);
  const { page, context, watch } = visitor;
  const ids = await withKept(visitor);
  await action(page, "Account").click();
  await page.getByText(/3 pictures \(.+\) kept on this device/).waitFor();
  await look(page, "kept-account");
  await action(page, "Remove from this device").click();
  await page.getByText("No pictures are kept on this device.").waitFor();
  assert.deepEqual((await readDevice(page)).kept, []);
  await page.reload();
  await fileTile(page, names[0]).click();
  await viewer(page, names[0]).locator(`img[alt="${names[0]}"]`).waitFor();
  await page.keyboard.press("Escape");
  // More than the time after which what is seen is kept.
  await page.waitForTimeout(4_000);
  assert.deepEqual((await readDevice(page)).kept, []);
  watch.assertClean();
  watch.expect(failedRequests);
  await context.setOffline(true);
  await page.reload();
  await page.getByText("The server can’t be reached").waitFor();
  await context.setOffline(false);
  await waitUntilSignedIn(page);
  await action(page, "Account").click();
  await action(page, "Keep pictures here").click();
  await untilKept(page, ids);
  watch.assertClean();
  await context.close();
});
