import assert from "node:assert/strict";
import { compareCodePoints, type FileList, nameKey } from "@stowage/core";
import { digestOf, takenAtMsOf } from "./content.testing.ts";
import type { ModelFile } from "./lifecycle-model.testing.ts";
import type { LifecycleRun } from "./lifecycle-run.testing.ts";

/** A list, which files are in it, and by what they are sorted: the highest number first, the first text first. */
interface HeldList {
  readonly list: FileList;
  isIn(file: ModelFile): boolean;
  keyOf(file: ModelFile): number | string;
}

const isReady = ({ state }: ModelFile): boolean => state === "ready";
const created = ({ createdAtMs }: ModelFile): number => createdAtMs;

const ofType = (type: "image" | "video"): HeldList => ({
  list: { by: "created", type },
  isIn: (file) => isReady(file) && file.current.content.type.startsWith(`${type}/`),
  keyOf: created,
});

/** The first word of the names that files are given by a step, and of no others. */
const newWord = "name";

/** What lists go by is that of the current version, and the file's name. */
const heldLists: readonly HeldList[] = [
  { list: { by: "created" }, isIn: isReady, keyOf: created },
  ofType("image"),
  ofType("video"),
  {
    list: { by: "taken" },
    isIn: isReady,
    keyOf: ({ current: { content }, createdAtMs }) =>
      (content.type === "image/jpeg" ? takenAtMsOf(digestOf(content)) : undefined) ?? createdAtMs,
  },
  { list: { by: "name" }, isIn: isReady, keyOf: ({ name }) => nameKey(name) },
  {
    list: { by: "search", text: newWord },
    isIn: (file) => isReady(file) && file.name.startsWith(`${newWord} `),
    keyOf: ({ name }) => name,
  },
  {
    list: { by: "trashed" },
    isIn: ({ state }) => state !== "ready",
    keyOf: ({ trashedAtMs }) => trashedAtMs ?? 0,
  },
];

/** Every list that there is of a person's files has those that it should, in its order. */
export async function holdLists({ machine: { metadata }, model }: LifecycleRun): Promise<void> {
  for (const [owner, ownerId] of model.people.entries())
    for (const { list, isIn, keyOf } of heldLists) {
      const rows = await metadata.listFiles({ ownerId, list, limit: 200 });
      const expected = model.files
        .filter((file) => file.owner === owner && isIn(file))
        .map((file) => ({ id: file.id, key: keyOf(file) }))
        .sort(inOrder);
      assert.deepEqual(
        rows.map(({ id }) => id),
        expected.map(({ id }) => id),
        `the files of ${ownerId} by ${JSON.stringify(list)}`,
      );
    }
}

type Placed = { readonly id: string; readonly key: number | string };
const inOrder = (one: Placed, other: Placed): number =>
  typeof one.key === "number" && typeof other.key === "number"
    ? other.key - one.key || compareCodePoints(other.id, one.id)
    : compareCodePoints(String(one.key), String(other.key)) || compareCodePoints(one.id, other.id);
