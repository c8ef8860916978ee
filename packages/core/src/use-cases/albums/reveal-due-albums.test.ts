import assert from "node:assert/strict";
import { test } from "node:test";
import { completeUpload } from "../complete-upload.ts";
import { dieEverywhere, minuteMs } from "../die-everywhere.testing.ts";
import { getFile } from "../get-file.ts";
import { listFiles } from "../list-files.ts";
import { createOneMachine, type OneMachine } from "../one-machine.testing.ts";
import { processUpload } from "../process-upload.ts";
import { sweep } from "../sweep.ts";
import { changeAlbum } from "./change-album.ts";
import { setAlbumMember } from "./change-members.ts";
import { createAlbum } from "./create-album.ts";
import { findAlbum } from "./find-album.ts";
import { listAlbumFiles } from "./list-album-files.ts";
import { revealAlbum } from "./reveal-album.ts";

const hourMs = 60 * minuteMs;

/** A sealed album of two people's, and what one of them sent to it. */
async function sealedAlbum(machine: OneMachine, photos = 3) {
  const { services } = machine;
  const [ann, ben] = [await machine.person("ann"), await machine.person("ben")];
  const revealAtMs = services.clock.nowMs() + hourMs;
  const { album } = await createAlbum(services, ann, { name: "Wedding", revealAtMs });
  await setAlbumMember(services, ann, album.id, ben.id, "contributor");
  const fileIds: string[] = [];
  for (let n = 0; n < photos; n += 1) {
    const bytes = Buffer.from(`photo ${n}`);
    const { id, fileId, request } = await machine.announce(ben, bytes, undefined, { albumId: album.id });
    assert.equal(await machine.objects.receive(request, bytes), 200);
    await completeUpload(services, ben, id);
    assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "ready");
    fileIds.push(fileId);
  }
  return { ann, ben, albumId: album.id, fileIds };
}

const seen = async ({ services }: OneMachine, who: { id: string }, albumId: string): Promise<number> =>
  (await listAlbumFiles(services, who, albumId, { limit: 50 })).items.length;

const isSealed = async ({ services }: OneMachine, who: { id: string }, albumId: string): Promise<boolean> =>
  (await findAlbum(services, who, "see", albumId)).album.revealedAtMs === undefined;

test("an album is revealed by the sweeper once its time has come, and seen by all of its members at once", async () => {
  const machine = createOneMachine();
  const { ann, ben, albumId } = await sealedAlbum(machine);
  await sweep(machine.services);
  await assert.rejects(seen(machine, ann, albumId), { code: "not-found" });
  machine.advance(hourMs);
  assert.equal((await sweep(machine.services)).revealed, 1);
  for (const who of [ann, ben]) assert.equal(await seen(machine, who, albumId), 3);
  assert.equal((await sweep(machine.services)).revealed, 0);
});

test("a clock that is an hour ahead reveals nothing, whosever it is, and is told of", async () => {
  for (const ahead of ["ours", "the store's"]) {
    const machine = createOneMachine();
    const { ann, albumId } = await sealedAlbum(machine);
    const { services } = machine;
    // The database agrees that it is time: it is on the machine whose clock is ahead.
    if (ahead === "ours") machine.advance(hourMs);
    const nowMs = services.clock.nowMs();
    const readClock = async () => (ahead === "ours" ? nowMs - hourMs : nowMs + hourMs);
    const skewed = { ...services, objects: { ...services.objects, readClock } };
    const report = await sweep(skewed);
    assert.equal(report.revealed, 0);
    assert.equal(report.clocksDisagreed, ahead === "ours" ? 1 : 0);
    assert.equal(await isSealed(machine, ann, albumId), true);
  }
});

test("a client's clock and the reader's plays no part: before the reveal was written down nothing is seen", async () => {
  const machine = createOneMachine();
  const { ann, ben, albumId, fileIds } = await sealedAlbum(machine);
  machine.advance(10 * hourMs);
  for (const who of [ann, ben]) {
    await assert.rejects(seen(machine, who, albumId), { code: "not-found" });
    await assert.rejects(getFile(machine.services, who, fileIds[0] ?? ""), { code: "not-found" });
  }
});

test("an album whose reveal was moved is revealed then, not before", async () => {
  const machine = createOneMachine();
  const { services } = machine;
  const { ann, albumId } = await sealedAlbum(machine);
  const revealAtMs = services.clock.nowMs() + 2 * hourMs;
  await changeAlbum(services, ann, albumId, "any", { revealAtMs });
  machine.advance(hourMs);
  assert.equal((await sweep(services)).revealed, 0);
  machine.advance(hourMs);
  assert.equal((await sweep(services)).revealed, 1);
});

test("whoever looks first after a reveal that died sees all of it, by the list and one by one", async () => {
  for (const by of ["list", "file"]) {
    const machine = createOneMachine();
    const { ann, ben, albumId, fileIds } = await sealedAlbum(machine);
    await machine.services.metadata.revealAlbum({ albumId, actor: "system" });
    if (by === "list") assert.equal(await seen(machine, ben, albumId), 3);
    for (const fileId of fileIds)
      assert.equal((await getFile(machine.services, ann, fileId)).file.id, fileId);
    assert.equal(await seen(machine, ann, albumId), 3);
  }
});

test("whoever looks first after a reveal that died sees all of it in a list of their own, too, and nobody a part of it", async () => {
  for (const list of [{ by: "created" }, { by: "search", text: "photo" }] as const) {
    const machine = createOneMachine();
    const { ben, albumId, fileIds } = await sealedAlbum(machine);
    const { metadata } = machine.services;
    await metadata.revealAlbum({ albumId, actor: "system" });
    await metadata.unsealFiles({ albumId, limit: 1, fileId: fileIds[0] ?? "" });
    const { items } = await listFiles(machine.services, ben, { list, limit: 50 });
    assert.equal(items.length, 3);
  }
});

test("a reveal by hand and one by the clock come to their end wherever a process dies, once", async () => {
  const check = async (
    machine: OneMachine,
    { ann, ben, albumId }: Awaited<ReturnType<typeof sealedAlbum>>,
  ) => {
    for (const who of [ann, ben]) assert.equal(await seen(machine, who, albumId), 3);
    const events = await machine.services.metadata.listAuditEvents({ afterSequence: 0, limit: 1000 });
    assert.equal(events.filter(({ action }) => action === "album.revealed").length, 1);
    assert.equal(events.filter(({ action }) => action === "file.unsealed").length, 3);
    assert.equal((await findAlbum(machine.services, ann, "see", albumId)).album.fileCount, 3);
  };
  await dieEverywhere("reveal by hand", {
    prepare: (machine) => sealedAlbum(machine),
    steps: [async (process, _, { ann, albumId }) => void (await revealAlbum(process.services, ann, albumId))],
    check,
  });
  await dieEverywhere("reveal by the clock", {
    prepare: async (machine) => {
      const subject = await sealedAlbum(machine);
      machine.advance(hourMs);
      return subject;
    },
    steps: [async (process) => void (await sweep(process.services))],
    check,
  });
});
