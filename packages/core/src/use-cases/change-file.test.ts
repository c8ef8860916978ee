import assert from "node:assert/strict";
import { test } from "node:test";
import type { FileChange, FileRecord } from "../file.ts";
import { RefusedError } from "../refusal.ts";
import type { ExpectedRevision } from "./at-revision.ts";
import { changeFile } from "./change-file.ts";
import { completeUpload } from "./complete-upload.ts";
import { createOneMachine } from "./one-machine.testing.ts";
import { processUpload } from "./process-upload.ts";
import { purgeFile } from "./purge-file.ts";
import { restoreFile } from "./restore-file.ts";
import { trashFile } from "./trash-file.ts";

const refusedWith = (code: string) => (error: unknown) =>
  error instanceof RefusedError && error.code === code;

async function setUp() {
  const machine = createOneMachine();
  const { services } = machine;
  const [ann, bob] = [await machine.person("ann"), await machine.person("bob")];
  const bytes = Buffer.from("bytes of a photograph");
  const { id, fileId, request } = await machine.announce(ann, bytes);
  await machine.objects.receive(request, bytes);
  await completeUpload(services, ann, id);
  await processUpload(machine.worker, await machine.claim());
  const eventCount = async () =>
    (await services.metadata.listAuditEvents({ afterSequence: 0, limit: 1000 })).length;
  /** Answers the file, and how many audit events that left. */
  const change = async (change: FileChange, expected: ExpectedRevision = "any") => {
    const before = await eventCount();
    const file = await changeFile(services, ann, fileId, expected, change);
    return { file, events: (await eventCount()) - before };
  };
  return { services, ann, bob, fileId, change, eventCount };
}

const seen = ({ name, metadata, revision }: FileRecord) => ({ name, metadata, revision });

test("a change names what it changes: the rest of the file stays", async () => {
  const { change } = await setUp();
  const renamed = await change({ name: "Skye.jpg" }, 1);
  assert.deepEqual(seen(renamed.file), { name: "Skye.jpg", metadata: {}, revision: 2 });
  const tied = await change({ metadata: { a: "1", b: "2" } }, 2);
  assert.deepEqual(seen(tied.file), { name: "Skye.jpg", metadata: { a: "1", b: "2" }, revision: 3 });
  const replaced = await change({ metadata: { b: "3" } });
  assert.deepEqual(seen(replaced.file), { name: "Skye.jpg", metadata: { b: "3" }, revision: 4 });
  assert.deepEqual([renamed.events, tied.events, replaced.events], [1, 1, 1]);
});

test("what is so already is answered as it is: no revision, no audit event", async () => {
  const { change } = await setUp();
  await change({ name: "Skye.jpg", metadata: { a: "1", b: "2" } });
  for (const same of [
    { name: "Skye.jpg" },
    { metadata: { b: "2", a: "1" } },
    { name: "Skye.jpg", metadata: { a: "1", b: "2" } },
  ]) {
    const { file, events } = await change(same, 2);
    assert.deepEqual([file.revision, events], [2, 0], JSON.stringify(same));
  }
  for (const other of [
    { metadata: { a: "1" } },
    { metadata: { a: "1", b: "2" } },
    { metadata: { a: "1", c: "2" } },
  ])
    assert.equal((await change(other)).events, 1, JSON.stringify(other));
  await assert.rejects(change({ name: "Skye.jpg" }, 2), refusedWith("precondition-failed"));
});

test("nothing is written where the file is another's, not there, of another revision or of none that was named", async () => {
  const { services, ann, bob, fileId, change, eventCount } = await setUp();
  const before = [await services.metadata.findFile(fileId), await eventCount()];
  const name = { name: "other.jpg" };
  for (const expected of [undefined, 1, "any"] as const) {
    await assert.rejects(changeFile(services, bob, fileId, expected, name), refusedWith("not-found"));
    await assert.rejects(changeFile(services, ann, "none", expected, name), refusedWith("not-found"));
  }
  await assert.rejects(
    changeFile(services, ann, fileId, undefined, name),
    refusedWith("precondition-required"),
  );
  for (const stale of [0, 2, -1])
    await assert.rejects(change(name, stale), refusedWith("precondition-failed"));
  assert.deepEqual([await services.metadata.findFile(fileId), await eventCount()], before);
});

test("changes that are meant for the file however it is all happen, at once as they come", async () => {
  const { change, services, fileId } = await setUp();
  const names = Array.from({ length: 12 }, (_, index) => `${index}.jpg`);
  const changed = await Promise.all(names.map((name) => change({ name })));
  assert.deepEqual(
    changed.map(({ file }) => file.name),
    names,
  );
  assert.equal((await services.metadata.findFile(fileId))?.revision, 13);
  const [first, second] = await Promise.allSettled([
    change({ name: "a.jpg" }, [1, 13]),
    change({ name: "b.jpg" }, [1, 13]),
  ]);
  assert.equal(first.status, "fulfilled");
  assert.equal(second.status, "rejected");
});

test("what is in the trash is changed only after it was restored", async () => {
  const { services, ann, fileId, change } = await setUp();
  const { name } = await trashFile(services, ann, fileId, 1);
  for (const each of [{ name: "other.jpg" }, { name }])
    await assert.rejects(change(each, 2), refusedWith("file-not-ready"));
  await assert.rejects(change({ name: "other.jpg" }, 1), refusedWith("precondition-failed"));
  await restoreFile(services, ann, fileId, 2);
  assert.equal((await change({ name: "other.jpg" }, 3)).file.revision, 4);
  await purgeFile(services, ann, fileId, 4);
  await assert.rejects(change({ name: "other.jpg" }), refusedWith("not-found"));
});

test("of many changes at once by one revision, one is made", async () => {
  const { change } = await setUp();
  const names = Array.from({ length: 20 }, (_, index) => `${index}.jpg`);
  const results = await Promise.allSettled(names.map((name) => change({ name }, 1)));
  const made = results.flatMap((result) => (result.status === "fulfilled" ? [result.value.file] : []));
  assert.equal(made.length, 1);
  assert.equal((await change({ metadata: { a: "b" } }, 2)).file.name, made[0]?.name);
});
