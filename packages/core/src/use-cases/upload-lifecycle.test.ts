import assert from "node:assert/strict";
import { test } from "node:test";
import { RefusedError } from "../refusal.ts";
import { abortUpload } from "./abort-upload.ts";
import { completeUpload } from "./complete-upload.ts";
import { createUploads } from "./create-uploads.ts";
import { getUpload } from "./get-upload.ts";
import { findOwnUploads, listUploads } from "./list-uploads.ts";
import { createOneMachine, type OneMachine, sha256Of } from "./one-machine.testing.ts";
import { processUpload } from "./process-upload.ts";
import { remintUpload } from "./remint-upload.ts";
import { sweep } from "./sweep.ts";
import { sweepOrphans } from "./sweep-orphans.ts";

const bytes = Buffer.from("bytes of a photograph");
const minuteMs = 60_000;

const refusedWith = (code: string) => (error: unknown) =>
  error instanceof RefusedError && error.code === code;

const reservedOf = async (machine: OneMachine, id: string) =>
  (await machine.services.metadata.findPrincipal(id))?.reservedBytes;

test("a batch is answered in order, and one bad file never fails the others", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const good = {
    name: "a.jpg",
    sizeBytes: 3,
    contentType: "image/jpeg",
    sha256: sha256Of(Buffer.from("abc")),
  };
  const answers = await createUploads(machine.services, ann, [
    good,
    { ...good, contentType: "text/html" },
    { ...good, sizeBytes: 30_000_000 },
    good,
  ]);
  assert.deepEqual(
    answers.map((answer) => ("refusal" in answer ? answer.refusal.code : answer.upload.state)),
    ["pending", "type-not-allowed", "file-too-large", "pending"],
  );
  assert.equal(await reservedOf(machine, ann.id), 6);
});

test("complete believes the store, not the client", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const upload = await machine.announce(ann, bytes);
  await assert.rejects(completeUpload(machine.services, ann, upload.id), refusedWith("bytes-missing"));
  assert.equal(machine.wakes.count, 0);
  await machine.objects.receive(upload.request, bytes);
  assert.equal((await completeUpload(machine.services, ann, upload.id)).state, "uploaded");
  assert.equal((await completeUpload(machine.services, ann, upload.id)).state, "uploaded");
  assert.equal(machine.wakes.count, 1);
});

test("another's upload and one that does not exist are refused alike, by every use case", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const bob = await machine.person("bob");
  const { id } = await machine.announce(ann, bytes);
  for (const useCase of [getUpload, completeUpload, abortUpload, remintUpload])
    for (const wanted of [id, "no-such-upload"])
      await assert.rejects(useCase(machine.services, bob, wanted), (error) => {
        assert.ok(error instanceof RefusedError);
        assert.deepEqual(error.refusal, {
          code: "not-found",
          detail: "There is nothing here, or nothing that you may see.",
        });
        return true;
      });
  assert.deepEqual(await findOwnUploads(machine.services, bob, [id]), []);
  assert.deepEqual((await listUploads(machine.services, bob, { limit: 10 })).items, []);
});

test("after an abort the URL is dead and the reservation free", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const { id, request } = await machine.announce(ann, bytes);
  assert.equal((await abortUpload(machine.services, ann, id)).state, "aborted");
  assert.equal((await abortUpload(machine.services, ann, id)).state, "aborted");
  assert.equal(await machine.objects.receive(request, bytes), 412);
  assert.equal(await reservedOf(machine, ann.id), 0);
  await assert.rejects(completeUpload(machine.services, ann, id), refusedWith("upload-gone"));
  await assert.rejects(remintUpload(machine.services, ann, id), refusedWith("upload-gone"));
});

test("where the store does not enforce If-None-Match, an aborted reservation is freed when the last URL has ended", async () => {
  const machine = createOneMachine({ capabilities: { enforcesIfNoneMatch: false } });
  const ann = await machine.person("ann");
  const { id } = await machine.announce(ann, bytes);
  await abortUpload(machine.services, ann, id);
  await sweep({ ...machine.services });
  assert.equal(await reservedOf(machine, ann.id), bytes.byteLength);
  machine.advance(11 * minuteMs);
  await sweep({ ...machine.services });
  assert.equal(await reservedOf(machine, ann.id), 0);
});

test("what has arrived can't be aborted any more", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const { id, request } = await machine.announce(ann, bytes);
  await machine.objects.receive(request, bytes);
  await completeUpload(machine.services, ann, id);
  await assert.rejects(abortUpload(machine.services, ann, id), refusedWith("upload-not-pending"));
});

test("a URL that ran out is minted again for the same key; the first one's bytes are not asked for twice", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const { id, request } = await machine.announce(ann, bytes);
  machine.advance(11 * minuteMs);
  assert.equal(await machine.objects.receive(request, bytes), 403);
  const fresh = (await remintUpload(machine.services, ann, id)).request;
  assert.ok(fresh);
  assert.equal(await machine.objects.receive(fresh, bytes), 200);
  const again = (await remintUpload(machine.services, ann, id)).request;
  assert.ok(again);
  assert.equal(await machine.objects.receive(again, bytes), 412);
  assert.equal((await completeUpload(machine.services, ann, id)).state, "uploaded");
});

test("wrong bytes under the key, as a lax store takes them, cost a new key and not the upload", async () => {
  const machine = createOneMachine({ capabilities: { enforcesChecksum: false } });
  const ann = await machine.person("ann");
  const { id } = await machine.announce(ann, bytes);
  const before = await machine.services.metadata.findUpload(id);
  assert.ok(before);
  const wrong = Buffer.from("short");
  await machine.objects.put({
    key: before.landingKey,
    body: wrong,
    contentType: "image/jpeg",
    sha256: sha256Of(wrong),
  });
  await assert.rejects(completeUpload(machine.services, ann, id), refusedWith("bytes-missing"));
  const fresh = await remintUpload(machine.services, ann, id);
  assert.notEqual(fresh.upload.landingKey, before.landingKey);
  assert.ok(fresh.request);
  assert.equal(await machine.objects.receive(fresh.request, bytes), 200);
  assert.equal((await completeUpload(machine.services, ann, id)).state, "uploaded");
});

test("the same ref is the same upload; after it failed it is a new attempt", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const first = await machine.announce(ann, bytes, "album/1");
  const second = await machine.announce(ann, bytes, "album/1");
  assert.equal(second.id, first.id);
  assert.equal(await reservedOf(machine, ann.id), bytes.byteLength);
  await abortUpload(machine.services, ann, first.id);
  const third = await machine.announce(ann, bytes, "album/1");
  assert.notEqual(third.id, first.id);
});

test("the sweeper completes what arrived without a word, and aborts what never came", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const silent = await machine.announce(ann, bytes);
  const absent = await machine.announce(ann, bytes);
  await machine.objects.receive(silent.request, bytes);
  machine.advance(12 * minuteMs);
  assert.equal((await sweep({ ...machine.services })).completed, 1);
  assert.equal((await getUpload(machine.services, ann, silent.id)).upload.state, "uploaded");
  assert.equal((await getUpload(machine.services, ann, absent.id)).upload.state, "pending");
  machine.advance(8 * 24 * 60 * minuteMs);
  assert.equal((await sweep({ ...machine.services })).expired, 1);
  const { upload, events } = await getUpload(machine.services, ann, absent.id);
  assert.equal(upload.state, "aborted");
  assert.deepEqual(
    events.map(({ type }) => type),
    ["created", "aborted"],
  );
  assert.equal(await reservedOf(machine, ann.id), bytes.byteLength);
});

test("the landing object stays while a URL for it lives, so that a second PUT is refused, and then goes", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const { id, request } = await machine.announce(ann, bytes);
  await machine.objects.receive(request, bytes);
  await completeUpload(machine.services, ann, id);
  await processUpload(machine.worker, await machine.claim());
  await sweep({ ...machine.services });
  assert.equal(await machine.objects.receive(request, bytes), 412);
  machine.advance(12 * minuteMs);
  await sweep({ ...machine.services });
  assert.deepEqual(
    [...machine.objects.objects.keys()].filter((key) => key.startsWith("uploads/")),
    [],
  );
});

test("objects that no row speaks of are deleted once they are a day old, and no other", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const { id, request } = await machine.announce(ann, bytes);
  await machine.objects.receive(request, bytes);
  await completeUpload(machine.services, ann, id);
  await processUpload(machine.worker, await machine.claim());
  const pending = await machine.announce(ann, bytes);
  await machine.objects.receive(pending.request, bytes);
  const stray = { body: bytes, contentType: "image/jpeg", sha256: sha256Of(bytes) };
  await machine.objects.put({ key: "uploads/stray", ...stray });
  await machine.objects.put({ key: "files/stray/1/original", ...stray });
  const wanted = [...machine.objects.objects.keys()].filter((key) => !key.includes("stray"));
  assert.equal((await sweepOrphans({ ...machine.services })).orphans, 0);
  machine.advance(25 * 60 * minuteMs);
  assert.equal((await sweepOrphans({ ...machine.services })).orphans, 2);
  assert.deepEqual([...machine.objects.objects.keys()].sort(), wanted.sort());
});
