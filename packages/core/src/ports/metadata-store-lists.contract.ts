import assert from "node:assert/strict";
import { uploadStates } from "../upload.ts";
import type { ListPosition } from "./metadata-store.ts";
import { idsOf, type MetadataStoreCase, rejectedResult, type Scene } from "./metadata-store-case.contract.ts";

type Row = ListPosition;

/** Newest first, and the greater id first where the times are the same. */
const newestFirst = (rows: readonly Row[]): string[] =>
  idsOf([...rows].sort((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1)));

async function readPages<T extends Row>(
  list: (page: { after?: ListPosition; limit: number }) => Promise<readonly T[]>,
  limit: number,
  betweenPages: () => Promise<unknown> = async () => undefined,
): Promise<T[]> {
  const rows: T[] = [];
  for (;;) {
    const last = rows.at(-1);
    const after = last && { createdAtMs: last.createdAtMs, id: last.id };
    const page = await list({ ...(after ? { after } : {}), limit });
    assert.ok(page.length <= limit);
    assert.ok(!page.some(({ id }) => rows.some((row) => row.id === id)), "no row comes twice");
    rows.push(...page);
    if (page.length < limit) return rows;
    await betweenPages();
  }
}

/** Several in each millisecond, so that ids have to decide. */
async function createSome(scene: Scene, ownerId: string, count: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (let made = 0; made < count; made += 1) {
    if (made % 3 === 0) scene.clock.advance(1);
    rows.push(await scene.create(ownerId));
  }
  return rows;
}

export const listCases: readonly MetadataStoreCase[] = [
  {
    name: "lists an owner's uploads newest first, in pages that join without gap or repeat",
    async run(scene) {
      const { store } = scene;
      const [owner, other] = [await scene.newOwner(), await scene.newOwner()];
      const made = await createSome(scene, owner.id, 20);
      await createSome(scene, other.id, 5);
      for (const limit of [1, 7, 20, 201]) {
        const listed = await readPages((page) => store.listUploads({ ownerId: owner.id, ...page }), limit);
        assert.deepEqual(idsOf(listed), newestFirst(made));
      }
      assert.deepEqual(await store.listUploads({ ownerId: "nobody", limit: 10 }), []);
    },
  },
  {
    name: "keeps pages stable while newer uploads come in and older ones change their state",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const made = await createSome(scene, owner.id, 12);
      const listed = await readPages(
        (page) => store.listUploads({ ownerId: owner.id, ...page }),
        4,
        async () => {
          scene.clock.advance(1);
          await scene.create(owner.id);
          const [oldest] = made;
          if (oldest) await store.completeUpload({ uploadId: oldest.id, actor: "system" });
        },
      );
      assert.deepEqual(idsOf(listed), newestFirst(made));
    },
  },
  {
    name: "counts the uploads that have not ended, and those that wait for a worker since when, up to a limit",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      assert.deepEqual(await store.countOpenUploads(10), {
        pending: 0,
        uploaded: 0,
        verifying: 0,
        waiting: 0,
      });
      await scene.createReady(owner.id);
      await scene.createAborted(owner.id);
      await scene.finish(await scene.createClaimed(owner.id), rejectedResult);
      await scene.createClaimed(owner.id);
      for (let round = 0; round < 3; round += 1) await scene.create(owner.id);
      clock.advance(5);
      const sinceMs = clock.nowMs();
      for (let round = 0; round < 2; round += 1) {
        await scene.complete((await scene.create(owner.id)).id);
        clock.advance(5);
      }
      const all = { pending: 3, uploaded: 2, verifying: 1, waiting: 2, waitingSinceMs: sinceMs };
      assert.deepEqual(await store.countOpenUploads(10), all);
      assert.deepEqual(await store.countOpenUploads(2), { ...all, pending: 2 });
    },
  },
  {
    name: "lists uploads of one state, each in exactly one",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      for (let round = 0; round < 3; round += 1) {
        clock.advance(1);
        await scene.createAborted(owner.id);
        await scene.createReady(owner.id);
        await scene.finish(await scene.createClaimed(owner.id), rejectedResult);
        await scene.createClaimed(owner.id);
        await scene.create(owner.id);
      }
      for (let round = 0; round < 3; round += 1) await scene.complete((await scene.create(owner.id)).id);
      const all = await store.listUploads({ ownerId: owner.id, limit: 200 });
      assert.equal(all.length, 18);
      for (const state of uploadStates) {
        const expected = all.filter((upload) => upload.state === state);
        assert.equal(expected.length, 3, state);
        const listed = await readPages((page) => store.listUploads({ ownerId: owner.id, state, ...page }), 2);
        assert.deepEqual(listed, expected);
      }
    },
  },
  {
    name: "finds those that exist among 200 ids, each once",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const made = await scene.createAll(
        owner.id,
        Array.from({ length: 99 }, () => scene.newItem()),
      );
      const file = await scene.createReady(owner.id);
      const ids = made.flatMap((each) => (each.outcome === "created" ? each.upload.id : []));
      const asked = [...ids, ...ids.slice(0, 20), ...Array.from({ length: 81 }, () => scene.newId())];
      const found = await store.findUploads(asked);
      assert.deepEqual(idsOf(found).sort(), [...ids].sort());
      assert.deepEqual(await store.findUploads([]), []);
      assert.deepEqual(await store.findFiles([...asked.slice(1), file.id]), [file]);
      assert.deepEqual(await store.findFiles([]), []);
    },
  },
  {
    name: "lists audit events in the order of their growing sequence, from any of them on",
    async run(scene) {
      const owner = await scene.newOwner();
      await createSome(scene, owner.id, 7);
      const all = await scene.auditEvents();
      assert.equal(all.length, 7);
      for (const [index, event] of all.entries())
        assert.ok(index === 0 || event.sequence > (all[index - 1]?.sequence ?? 0));
      const [, second] = all;
      assert.ok(second);
      const page = await scene.store.listAuditEvents({ afterSequence: second.sequence, limit: 3 });
      assert.deepEqual(page, all.slice(2, 5));
    },
  },
];
