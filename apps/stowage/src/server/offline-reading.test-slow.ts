// What a person keeps on their device of what another shares with them, against the product's own processes.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import {
  createTestBrowser,
  fileCachePage,
  type TestPage,
  withoutChromium,
} from "@stowage/client/testing/browser";
import type { FileList } from "@stowage/protocol";
import {
  ask,
  getMe,
  getUpload,
  isEnded,
  makePicture,
  until,
  uploadPicture,
} from "../testing/machine-client.ts";
import { makeMachine } from "../testing/start-processes.ts";

const browser = createTestBrowser();
after(() => browser.close());

interface Gone {
  readonly fileId: string;
  readonly reason: string;
  readonly atMs: number;
}

async function untilTaken(call: TestPage["call"]): Promise<Gone[]> {
  const endsAtMs = performance.now() + 10_000;
  for (;;) {
    const taken = await call<Gone[]>("taken");
    if (taken.length > 0) return taken;
    if (performance.now() > endsAtMs) throw new Error("Nothing was taken away.");
  }
}

test("a kept picture is shown offline, and gone within 2 s after its owner took the grant back", {
  skip: withoutChromium,
}, async (t) => {
  const { page, call, origin } = await browser.open(t, { entry: fileCachePage });
  const dataDir = await mkdtemp(join(tmpdir(), "stowage-offline-"));
  const machine = await makeMachine(dataDir, [`corsOrigins=${origin}`]);
  t.after(async () => {
    await machine.stop();
    await rm(dataDir, { recursive: true });
  });
  const [, api] = await Promise.all([machine.start("bucket"), machine.start("api"), machine.start("worker")]);
  const [ann, bob] = [await machine.addPerson("ann"), await machine.addPerson("bob")];
  const bobsId = (await getMe(api.origin, bob)).id;
  const share = async (width: number): Promise<string> => {
    const { id, fileId } = await uploadPicture(api.origin, ann, makePicture(width));
    await until("its verdict", async () => isEnded(await getUpload(api.origin, ann, id)));
    const granted = await ask(api.origin, ann, "PUT", `/v1/files/${fileId}/grants/${bobsId}`, {});
    assert.ok(granted.status < 300, JSON.stringify(granted.body));
    return fileId;
  };
  const [stays, goes] = [await share(41), await share(42)];

  // To the page the API is where its people reach it.
  const { publicUrl } = machine.setup;
  await call("start", publicUrl, bobsId, bob);
  assert.deepEqual(await call("keep", [stays, goes], ["thumbnail", "original"]), []);
  for (const id of [stays, goes]) assert.ok(await call("show", id, "original"));

  const revokedAtMs = Date.now();
  const revoked = await ask(api.origin, ann, "DELETE", `/v1/files/${goes}/grants/${bobsId}`);
  assert.ok(revoked.status < 300, JSON.stringify(revoked.body));
  const taken = await untilTaken(call);
  assert.deepEqual(
    taken.map(({ fileId, reason }) => [fileId, reason]),
    [[goes, "refused"]],
  );
  const tookMs = (taken[0]?.atMs ?? Number.POSITIVE_INFINITY) - revokedAtMs;
  t.diagnostic(`gone after ${tookMs} ms`);
  assert.ok(tookMs <= 2000, `${tookMs} ms`);

  await page.context().setOffline(true);
  assert.equal(await call("show", goes, "original"), undefined);
  assert.equal(await call("show", goes, "thumbnail"), undefined);
  const shown = await call<{ width: number; address: string }>("show", stays, "original");
  assert.deepEqual([shown.width, shown.address.slice(0, 5)], [41, "blob:"]);
  const listed = await ask<FileList>(api.origin, bob, "GET", `/v1/files?ids=${goes},${stays}`);
  assert.deepEqual(
    listed.body.items.map(({ id }) => id),
    [stays],
  );
});
