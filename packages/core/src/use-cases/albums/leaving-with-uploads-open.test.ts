import assert from "node:assert/strict";
import { test } from "node:test";
import { contentKey } from "../../keys.ts";
import { completeUpload } from "../complete-upload.ts";
import { getFile } from "../get-file.ts";
import { getUpload } from "../get-upload.ts";
import { createOneMachine } from "../one-machine.testing.ts";
import { processUpload } from "../process-upload.ts";
import { sweep } from "../sweep.ts";
import { removeAlbumMember, setAlbumMember } from "./change-members.ts";
import { createAlbum } from "./create-album.ts";

/** Ben sends a photo to Ann's album, and is put out while it is on its way. */
async function putOutWhileSending(revealInMs?: number) {
  const machine = createOneMachine();
  const { services } = machine;
  const [ann, ben] = [await machine.person("ann"), await machine.person("ben")];
  const revealAtMs = revealInMs === undefined ? {} : { revealAtMs: services.clock.nowMs() + revealInMs };
  const { album } = await createAlbum(services, ann, { name: "Wedding", ...revealAtMs });
  await setAlbumMember(services, ann, album.id, ben.id, "contributor");
  const bytes = Buffer.from("a photo");
  const { id, fileId, request } = await machine.announce(ben, bytes, undefined, { albumId: album.id });
  assert.equal(await machine.objects.receive(request, bytes), 200);
  await completeUpload(services, ben, id);
  await removeAlbumMember(services, ann, album.id, ben.id);
  const upload = await machine.claim();
  const { outcome } = await processUpload(machine.worker, upload);
  return { machine, ben, upload, id, fileId, outcome };
}

test("a photo whose sender was put out of its album while it was on its way is a file of theirs alone", async () => {
  const { machine, ben, fileId, outcome } = await putOutWhileSending();
  assert.equal(outcome, "ready");
  const { file } = await getFile(machine.services, ben, fileId);
  assert.equal(file.albumIds, undefined);
});

test("a photo that was sent to be sealed by who was put out meanwhile is rejected, and its bytes go", async () => {
  const { machine, ben, id, fileId, upload, outcome } = await putOutWhileSending(60_000);
  assert.equal(outcome, "rejected");
  const { upload: ended } = await getUpload(machine.services, ben, id);
  assert.deepEqual([ended.state, ended.rejection?.code], ["rejected", "processing-failed"]);
  assert.match(ended.rejection?.detail ?? "", /may not add to the album any more/);
  await assert.rejects(getFile(machine.services, ben, fileId), { code: "not-found" });
  await sweep(machine.services);
  assert.equal(await machine.objects.get(contentKey(upload, upload.attempt)), undefined);
});
