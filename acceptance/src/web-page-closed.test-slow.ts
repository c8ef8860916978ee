import assert from "node:assert/strict";
import { test } from "node:test";
import { listAll } from "./harness/files.ts";
import { makeJpeg } from "./harness/images.ts";
import { waitFor } from "./harness/wait-for.ts";
import { apiOf, fileTile, openVisitor, pickFiles, signUp, uploadLine } from "./harness/web-page.ts";
import { describeWebSuite } from "./harness/web-suite.ts";
import type { Upload } from "./harness/wire.ts";

const suite = describeWebSuite();
const { skip } = suite;
const name = "sent-without-me.jpg";

test("what is on its way when the page is closed arrives without it, once", { skip }, async () => {
  const { context, page, watch } = await openVisitor(suite.browser);
  await context.grantPermissions(["background-sync"], { origin: suite.server.web });
  await signUp(page, suite.server.web);
  const api = await apiOf(page, suite.server.api);
  const bucket = new URL(suite.server.bucket).origin;
  // The page's own requests alone: the worker's are not held up.
  await page.route(
    (url) => url.origin === bucket,
    () => undefined,
  );
  await pickFiles(page, [
    { name, mimeType: "image/jpeg", buffer: await makeJpeg({ width: 300, height: 200 }) },
  ]);
  await uploadLine(page, name)
    .filter({ hasText: /Sending/ })
    .waitFor();
  const isRegistered = () =>
    page.evaluate(async () => {
      const ready = await navigator.serviceWorker.ready;
      const { sync } = ready as unknown as { readonly sync: { getTags(): Promise<string[]> } };
      return (await sync.getTags()).includes("stowage");
    });
  await waitFor("the page to ask for its worker", isRegistered);
  watch.assertClean();
  await page.close();

  const uploads = () => listAll<Upload>(api, "/v1/uploads");
  await waitFor("the worker to send it", async () =>
    (await uploads()).some(({ state }) => state === "ready"),
  );
  assert.equal((await uploads()).length, 1);

  const again = await context.newPage();
  await again.goto(suite.server.web);
  await fileTile(again, name).waitFor();
  await context.close();
});
