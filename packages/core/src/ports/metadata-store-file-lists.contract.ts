import assert from "node:assert/strict";
import fc from "fast-check";
import type { FileRecord } from "../file.ts";
import { type FileList, type FilePosition, positionOf } from "../file-lists/file-list.ts";
import type { MetadataStore } from "./metadata-store.ts";
import {
  idsOf,
  type MetadataStoreCase,
  type MetadataStoreUnderTest,
  readyResult,
  Scene,
} from "./metadata-store-case.contract.ts";

interface Made {
  readonly name?: string;
  readonly contentType?: string;
  readonly takenAtMs?: number | undefined;
  readonly metadata?: Readonly<Record<string, string>>;
}

async function make(scene: Scene, ownerId: string, { takenAtMs, ...item }: Made): Promise<FileRecord> {
  const claimed = await scene.createClaimed(ownerId, item);
  await scene.finish(claimed, readyResult(claimed, takenAtMs === undefined ? {} : { takenAtMs }));
  return scene.file(claimed.fileId);
}

async function readAll(
  store: MetadataStore,
  ownerId: string,
  list: FileList,
  limit: number,
  betweenPages: () => Promise<unknown> = async () => undefined,
): Promise<FileRecord[]> {
  const files: FileRecord[] = [];
  let after: FilePosition | undefined;
  for (;;) {
    const page = await store.listFiles({ ownerId, list, limit, ...(after && { after }) });
    assert.ok(page.length <= limit);
    files.push(...page);
    const last = page.at(-1);
    if (page.length < limit || !last) return files;
    after = positionOf(list, last);
    await betweenPages();
  }
}

const names = (files: readonly FileRecord[]): string[] => files.map(({ name }) => name);

/** What a list must hold and in which order, said without the code under test; for names of ASCII without numbers. */
function expectedOf(list: FileList, files: readonly FileRecord[]): string[] {
  const state = list.by === "trashed" ? "trashed" : "ready";
  const taken = ({ current, createdAtMs }: FileRecord) => current.takenAtMs ?? createdAtMs;
  const newestBy = (time: (file: FileRecord) => number) => (one: FileRecord, other: FileRecord) =>
    time(other) - time(one) || (one.id < other.id ? 1 : -1);
  const held = files.filter((file) => {
    if (file.state !== state) return false;
    switch (list.by) {
      case "created":
      case "taken":
        return list.type === undefined || file.current.contentType.startsWith(`${list.type}/`);
      case "metadata":
        return new Map(Object.entries(file.metadata)).get(list.name) === list.value;
      case "search":
        return wordsOf(file.name).some((word) => word.startsWith(list.text));
      default:
        return true;
    }
  });
  switch (list.by) {
    case "created":
    case "metadata":
    case "audience":
      return idsOf(held.sort(newestBy(({ createdAtMs }) => createdAtMs)));
    case "taken":
      return idsOf(held.sort(newestBy(taken)));
    case "trashed":
      return idsOf(held.sort(newestBy(({ trashedAtMs = 0 }) => trashedAtMs)));
    case "name": {
      const key = ({ name, id }: FileRecord) => `${name.toLowerCase()} ${id}`;
      return idsOf(held.sort((one, other) => (key(one) < key(other) ? -1 : 1)));
    }
    // In an order that pages follow, and that is the store's.
    case "search":
      return idsOf(held).sort();
  }
}

const wordsOf = (name: string): string[] => name.toLowerCase().split(/[^a-z]+/);

const lists: readonly FileList[] = [
  { by: "created" },
  { by: "created", type: "image" },
  { by: "created", type: "video" },
  { by: "taken" },
  { by: "taken", type: "image" },
  { by: "name" },
  { by: "metadata", name: "step", value: "1" },
  { by: "metadata", name: "step", value: "2" },
  { by: "search", text: "a" },
  { by: "search", text: "ab" },
  { by: "search", text: "abc" },
  { by: "trashed" },
];

const some = fc.record({
  name: fc
    .array(fc.constantFrom("a", "ab", "abc", "abd", "B", "Ab"), { minLength: 1, maxLength: 4 })
    .map((words) => words.join(" ")),
  contentType: fc.constantFrom("image/jpeg", "video/mp4", "application/pdf"),
  takenAtMs: fc.option(fc.constantFrom(1, 2, 1_700_000_000_001), { nil: undefined }),
  metadata: fc.constantFrom<Record<string, string>>({}, { step: "1" }, { step: "2", other: "1" }),
});

/** Which of the files: an index. */
const which = fc.nat({ max: 30 });
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("make"), some }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("change"), which, some }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("trash"), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restore"), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("purge"), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("wait") }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Takes a step; answers the file that it touched. */
async function take(scene: Scene, ownerId: string, ids: string[], each: Step): Promise<string | undefined> {
  const { store } = scene;
  if (each.do === "wait") scene.clock.advance(1);
  if (each.do === "make") {
    const { id } = await make(scene, ownerId, each.some);
    ids.push(id);
    return id;
  }
  if (!("which" in each)) return undefined;
  const fileId = ids[each.which % Math.max(1, ids.length)];
  const file = fileId === undefined ? undefined : await store.findFile(fileId);
  if (!file) return undefined;
  const command = { fileId: file.id, revision: file.revision, actor: "system" } as const;
  if (each.do === "change") {
    const { name, metadata } = each.some;
    await store.changeFile({ ...command, change: { name, metadata } });
  }
  if (each.do === "trash") await store.trashFile(command);
  if (each.do === "restore") await store.restoreFile(command);
  if (each.do === "purge") await store.purgeFile(command);
  return file.id;
}

/**
 * After any commands every list holds what it says, and its pages join: whatever is made, changed and deleted between
 * them, files that were in it throughout come once each.
 */
export async function holdListsToFiles(
  create: () => Promise<MetadataStoreUnderTest>,
  runs: number,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 25, size: "max" }),
      fc.array(step, { maxLength: 20, size: "max" }),
      fc.nat({ max: lists.length - 1 }),
      fc.constantFrom(1, 2, 3),
      async (steps, meanwhile, index, limit) => {
        const underTest = await create();
        try {
          const scene = new Scene(underTest);
          const { id: ownerId } = await scene.newOwner();
          await make(scene, (await scene.newOwner()).id, { name: "abc", metadata: { step: "1" } });
          const ids: string[] = [];
          for (const each of steps) await take(scene, ownerId, ids, each);
          const { store } = scene;
          const files = await store.findFiles(ids);
          for (const list of lists) {
            const listed = await readAll(store, ownerId, list, 2);
            assert.equal(new Set(idsOf(listed)).size, listed.length, "no file comes twice");
            const held = idsOf(listed);
            assert.deepEqual(
              list.by === "search" ? held.sort() : held,
              expectedOf(list, [...files]),
              list.by,
            );
          }

          const list = lists[index] ?? { by: "created" };
          const before = idsOf(await readAll(store, ownerId, list, 201));
          const touched = new Set<string>();
          const left = [...meanwhile];
          const listed = await readAll(store, ownerId, list, limit, async () => {
            for (const each of left.splice(0, 2)) touched.add((await take(scene, ownerId, ids, each)) ?? "");
          });
          assert.deepEqual(
            idsOf(listed).filter((id) => !touched.has(id)),
            before.filter((id) => !touched.has(id)),
          );
        } finally {
          await underTest.close();
        }
      },
    ),
    { numRuns: runs },
  );
}

export const fileListCases: readonly MetadataStoreCase[] = [
  {
    name: "lists an owner's files by when they came, and by when they were taken where that is known",
    async run(scene) {
      const { store, clock } = scene;
      const [owner, other] = [await scene.newOwner(), await scene.newOwner()];
      const nowMs = clock.nowMs();
      await make(scene, other.id, { name: "another's" });
      for (const made of [
        { name: "long ago", takenAtMs: 5 },
        { name: "first" },
        { name: "before 1970", takenAtMs: -86_400_000 },
        { name: "in between", takenAtMs: nowMs + 15 },
        { name: "last", contentType: "video/mp4" },
        { name: "read", contentType: "application/pdf" },
        { name: "heard", contentType: "audio/mpeg" },
      ]) {
        await make(scene, owner.id, made);
        clock.advance(10);
      }
      const list = async (list: FileList) => names(await readAll(store, owner.id, list, 2));
      assert.deepEqual(await list({ by: "created" }), [
        "heard",
        "read",
        "last",
        "in between",
        "before 1970",
        "first",
        "long ago",
      ]);
      assert.deepEqual(await list({ by: "taken" }), [
        "heard",
        "read",
        "last",
        "in between",
        "first",
        "long ago",
        "before 1970",
      ]);
      assert.deepEqual(await list({ by: "created", type: "image" }), [
        "in between",
        "before 1970",
        "first",
        "long ago",
      ]);
      assert.deepEqual(await list({ by: "taken", type: "image" }), [
        "in between",
        "first",
        "long ago",
        "before 1970",
      ]);
      assert.deepEqual(await list({ by: "taken", type: "video" }), ["last"]);
      assert.deepEqual(await list({ by: "created", type: "document" }), ["read"]);
      assert.deepEqual(await store.listFiles({ ownerId: "nobody", list: { by: "taken" }, limit: 9 }), []);
    },
  },
  {
    name: "lists files by name: without regard to case and accents, numbers by their value",
    async run(scene) {
      const owner = await scene.newOwner();
      for (const name of [
        "img_10.jpg",
        "Zoo",
        "ärger",
        "IMG_9.jpg",
        "🌈",
        "Arger 2",
        "\u200b",
        "b".repeat(4096),
      ])
        await make(scene, owner.id, { name });
      assert.deepEqual(names(await readAll(scene.store, owner.id, { by: "name" }, 3)), [
        "\u200b",
        "ärger",
        "Arger 2",
        "b".repeat(4096),
        "IMG_9.jpg",
        "img_10.jpg",
        "Zoo",
        "🌈",
      ]);
    },
  },
  {
    name: "finds files by what a word of their name begins with, each once",
    async run(scene) {
      const owner = await scene.newOwner();
      for (const name of [
        "IMG_1234.jpg",
        "image of an IMG.png",
        "Übung.pdf",
        "2024 夏の写真.jpg",
        "...",
        "im im im",
      ])
        await make(scene, owner.id, { name });
      const find = async (text: string) =>
        names(await readAll(scene.store, owner.id, { by: "search", text }, 2)).sort();
      assert.deepEqual(await find("im"), ["IMG_1234.jpg", "im im im", "image of an IMG.png"]);
      assert.deepEqual(await find("Img"), ["IMG_1234.jpg", "image of an IMG.png"]);
      assert.deepEqual(await find("img-1234.J"), ["IMG_1234.jpg"]);
      assert.deepEqual(await find("ubung"), ["Übung.pdf"]);
      assert.deepEqual(await find("写真"), ["2024 夏の写真.jpg"]);
      assert.deepEqual(await find(".."), ["..."]);
      assert.deepEqual(await find("mg"), []);
      const { id, revision } = (
        await readAll(scene.store, owner.id, { by: "search", text: "ubung" }, 2)
      )[0] ?? {
        id: "",
        revision: 0,
      };
      const command = { fileId: id, revision, actor: "system" } as const;
      await scene.store.changeFile({ ...command, change: { name: "Übung 2.pdf" } });
      assert.deepEqual(await find("ubung"), ["Übung 2.pdf"]);
      await scene.store.trashFile({ ...command, revision: revision + 1 });
      assert.deepEqual(await find("ubung"), []);
      await scene.store.restoreFile({ ...command, revision: revision + 2 });
      assert.deepEqual(await find("ubung 2"), ["Übung 2.pdf"]);
    },
  },
  {
    name: "lists what was trashed last first",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const made = [];
      for (const name of ["a", "b", "c", "d"]) made.push(await make(scene, owner.id, { name }));
      for (const index of [2, 0, 3]) {
        clock.advance(1);
        const file = made[index];
        if (file) await store.trashFile({ fileId: file.id, revision: 1, actor: "system" });
      }
      assert.deepEqual(names(await readAll(store, owner.id, { by: "trashed" }, 2)), ["d", "a", "c"]);
    },
  },
];
