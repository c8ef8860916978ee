import assert from "node:assert/strict";
import { after, test } from "node:test";
import { downloadOriginal, listAll } from "./harness/files.ts";
import { layOutPhotographs, type Photograph } from "./harness/photographs.ts";
import { makeFolder, removeFolder } from "./harness/run-cli.ts";
import { sha256Of } from "./harness/transfer.ts";
import { waitFor } from "./harness/wait-for.ts";
import { failedRequests } from "./harness/watched-page.ts";
import {
  action,
  apiOf,
  fileTile,
  openVisitor,
  pickFiles,
  signUp,
  uploadLine,
  waitUntilSignedIn,
} from "./harness/web-page.ts";
import { describeWebSuite } from "./harness/web-suite.ts";
import type { StoredFile, Upload } from "./harness/wire.ts";

const suite = describeWebSuite();
const { skip } = suite;

let folder: string;
let photographs: readonly Photograph[];

suite.prepare(async () => {
  folder = await makeFolder("offline");
  photographs = await layOutPhotographs(folder, 12);
});
after(async () => {
  if (!skip) await removeFolder(folder);
});

/**
 * What Chromium itself says on the console of requests that fail. A PUT whose answer was lost is asked about with
 * `complete`, which says 409 where its bytes did not arrive; one that is sent again is told 412 where they did.
 */
const answeredRequests =
  /status of 50\d|status of 409 .*\/v1\/uploads\/complete|status of 412 .*\/uploads\/[0-9a-f]+\?/;

test("offline in the midst of an upload: the page says so, goes on by itself, and nothing is lost or doubled", {
  skip,
}, async () => {
  const { context, page, watch } = await openVisitor(suite.browser);
  watch.expect(failedRequests);
  watch.expect(answeredRequests);
  await signUp(page, suite.server.web);
  const bucket = new URL(suite.server.bucket).origin;
  // Slow enough that the network goes while some are done and some are not begun.
  await context.route(
    (url) => url.origin === bucket,
    async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 400));
      await route.continue();
    },
  );
  await pickFiles(
    page,
    photographs.map(({ path }) => path),
  );
  await page
    .getByText(/\b(Ready|Checking)\b/)
    .first()
    .waitFor();
  await context.setOffline(true);
  await page
    .getByText(/offline|no connection/i)
    .first()
    .waitFor();
  const atStandstill = await page.getByText(/\b(Waiting|Sending)\b/).count();
  assert.ok(atStandstill > 0, "everything had been sent before the network went");
  assert.equal(await page.getByText(/^Failed/).count(), 0, "what waits for the network has not failed");
  await context.setOffline(false);
  for (const { name } of photographs) await fileTile(page, name).waitFor({ timeout: 90_000 });
  await page
    .getByText(/offline|no connection/i)
    .first()
    .waitFor({ state: "hidden" });

  const api = await apiOf(page, suite.server.api);
  const files = await listAll<StoredFile>(api, "/v1/files");
  assert.deepEqual(files.map(({ name }) => name).sort(), photographs.map(({ name }) => name).sort());
  for (const { id, name } of files) {
    const sha256 = photographs.find((photograph) => photograph.name === name)?.sha256;
    assert.equal(sha256Of((await downloadOriginal(api, id)).bytes), sha256, name);
  }
  const uploads = await listAll<Upload>(api, "/v1/uploads");
  assert.equal(uploads.filter(({ state }) => state === "ready").length, photographs.length);
  watch.assertClean();
  await context.close();
});

test("an API that does not answer is said, with a way to try again", { skip }, async () => {
  const { context, page, watch } = await openVisitor(suite.browser);
  watch.expect(failedRequests);
  watch.expect(answeredRequests);
  await signUp(page, suite.server.web);
  const api = `${suite.server.api}/v1/**`;
  await context.route(api, (route) =>
    route.fulfill({ status: 503, headers: { "retry-after": "1" }, contentType: "text/plain", body: "gone" }),
  );
  await page.reload();
  const again = action(page, /try again/i).first();
  await again.waitFor({ timeout: 60_000 });
  await context.unroute(api);
  await again.click();
  await waitUntilSignedIn(page);
  await again.waitFor({ state: "hidden" });
  watch.assertClean();
  await context.close();
});

test("a session endpoint that does not answer signs nobody out", { skip }, async () => {
  const { context, page, watch } = await openVisitor(suite.browser);
  watch.expect(failedRequests);
  watch.expect(answeredRequests);
  await signUp(page, suite.server.web);
  const token = `${suite.server.web}/session/token`;
  await context.route(token, (route) => route.abort());
  await page.reload();
  const again = action(page, /try again/i).first();
  await again.waitFor({ timeout: 60_000 });
  await context.unroute(token);
  await again.click();
  await waitUntilSignedIn(page);
  watch.assertClean();
  await context.close();
});

test("a bucket that does not answer fails nothing for good: the upload is taken up again and arrives once", {
  skip,
}, async () => {
  const { context, page, watch } = await openVisitor(suite.browser);
  watch.expect(failedRequests);
  watch.expect(answeredRequests);
  await signUp(page, suite.server.web);
  const bucket = new URL(suite.server.bucket).origin;
  const isBucket = (url: URL) => url.origin === bucket;
  await context.route(isBucket, (route) => route.abort("connectionrefused"));
  // The answer to a PUT can be lost where the bytes were not: the client asks, and is told that they are not there.
  watch.expect(/ERR_CONNECTION_REFUSED/);
  const [photograph] = photographs;
  assert.ok(photograph);
  await pickFiles(page, [photograph.path]);
  const line = uploadLine(page, photograph.name);
  await line.waitFor();
  // Tried for a while, then it is the person's turn; either may come first.
  const failed = line.filter({ hasText: "Failed: " });
  await Promise.race([failed.waitFor({ timeout: 60_000 }), page.waitForTimeout(4_000)]);
  await context.unroute(isBucket);
  if ((await failed.count()) > 0) await action(line, /^Try .*again$/).click();
  await fileTile(page, photograph.name).waitFor({ timeout: 60_000 });
  const api = await apiOf(page, suite.server.api);
  assert.equal((await listAll<StoredFile>(api, "/v1/files")).length, 1);
  await waitFor("no upload to be open", async () =>
    (await listAll<Upload>(api, "/v1/uploads")).every(
      ({ state }) => state === "ready" || state === "aborted",
    ),
  );
  watch.assertClean();
  await context.close();
});
