import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { assertProblem } from "./harness/api-client.ts";
import { listAll } from "./harness/files.ts";
import { makeJpeg } from "./harness/images.ts";
import {
  apiOf,
  fileTile,
  newAccount,
  openVisitor,
  pickFiles,
  signIn,
  signOut,
  signUp,
  uploadLine,
  viewer,
} from "./harness/web-page.ts";
import { describeWebSuite } from "./harness/web-suite.ts";
import type { DownloadsAnswer, StoredFile } from "./harness/wire.ts";

const suite = describeWebSuite();
const { skip } = suite;

/** Uploads a picture in a page and answers its file once it is ready. */
async function uploadOne(page: Page, name: string): Promise<StoredFile> {
  await pickFiles(page, [
    { name, mimeType: "image/jpeg", buffer: await makeJpeg({ width: 400, height: 300 }) },
  ]);
  await fileTile(page, name).waitFor();
  const api = await apiOf(page, suite.server.api);
  const file = (await listAll<StoredFile>(api, "/v1/files")).find((each) => each.name === name);
  assert.ok(file);
  return file;
}

/** Everything that a page shows, and everything that it keeps in this browser. */
async function readEverything(page: Page): Promise<string> {
  const kept = await page.evaluate(async () => {
    const databases = await indexedDB.databases();
    const caches = await window.caches.keys();
    return JSON.stringify({
      local: { ...localStorage },
      session: { ...sessionStorage },
      databases,
      caches,
      history: window.history.state as unknown,
      title: document.title,
    });
  });
  return `${await page.content()}\n${kept}`;
}

test("two people see nothing of each other's", { skip }, async () => {
  const ada = await openVisitor(suite.browser);
  const bob = await openVisitor(suite.browser);
  await signUp(ada.page, suite.server.web, newAccount("Ada"));
  await signUp(bob.page, suite.server.web, newAccount("Bob"));
  const hers = await uploadOne(ada.page, "ada-secret.jpg");
  const his = await uploadOne(bob.page, "bob-secret.jpg");
  ada.watch.assertClean();
  bob.watch.assertClean();

  for (const [{ page, watch }, own, other] of [
    [ada, hers, his],
    [bob, his, hers],
  ] as const) {
    await page.reload();
    await fileTile(page, own.name).waitFor();
    assert.equal(await fileTile(page, other.name).count(), 0);

    // The page writes what it was refused to the console, as every browser does.
    const stop = watch.expect(/status of 404/);
    await page.goto(`${suite.server.web}/files/${other.id}`);
    await page.getByText("This file is not here").first().waitFor();
    assert.equal(await viewer(page, other.name).count(), 0);
    assert.ok(!(await readEverything(page)).includes(other.name), "the name of another's file");
    stop();

    const api = await apiOf(page, suite.server.api);
    assert.deepEqual(
      (await listAll<StoredFile>(api, "/v1/files")).map(({ id }) => id),
      [own.id],
    );
    assertProblem(await api.get(`/v1/files/${other.id}`), 404, "not-found");
    const minted = await api.post<DownloadsAnswer>("/v1/downloads", {
      files: [
        { id: other.id, derivative: "thumbnail" },
        { id: own.id, derivative: "thumbnail" },
      ],
    });
    assert.deepEqual(
      minted.body.items.map(({ request, problem }) => [request !== undefined, problem?.code]),
      [
        [false, "not-found"],
        [true, undefined],
      ],
    );
    watch.assertClean();
  }
  await ada.context.close();
  await bob.context.close();
});

test("whoever signs in next in the same browser finds nothing of the one before", { skip }, async () => {
  const { context, page, watch } = await openVisitor(suite.browser);
  const carla = await signUp(page, suite.server.web, newAccount("Carla"));
  const hers = await uploadOne(page, "carla-secret.jpg");
  await uploadLine(page, hers.name).waitFor();
  await fileTile(page, hers.name).click();
  await viewer(page, hers.name).waitFor();
  await page.keyboard.press("Escape");
  await signOut(page);
  for (const secret of [hers.name, hers.id, carla.email, carla.name])
    assert.ok(!(await readEverything(page)).includes(secret), `signed out, but ${secret} is still here`);

  const dan = await signUp(page, suite.server.web, newAccount("Dan"));
  const everything = await readEverything(page);
  for (const secret of [hers.name, hers.id, carla.email, carla.name])
    assert.ok(!everything.includes(secret), `${dan.name} finds ${secret}`);
  // Chromium says of each that it is not there.
  watch.expect(/ERR_CACHE_MISS|status of 504/);
  const fromCache = await page.evaluate(async () => {
    const paths = ["/v1/files", "/v1/files?limit=50", "/v1/me", "/session/token"];
    const answers = await Promise.all(
      paths.map((path) =>
        fetch(path, { cache: "only-if-cached", mode: "same-origin" }).then(
          ({ status }) => status,
          () => undefined,
        ),
      ),
    );
    return answers.filter((status) => status !== undefined && status < 400);
  });
  assert.deepEqual(fromCache, [], "the browser kept answers of the API");

  await signOut(page);
  await signIn(page, suite.server.web, carla);
  await fileTile(page, hers.name).waitFor();
  watch.assertClean();
  await context.close();
});
