import { test } from "node:test";
import { runLifecycle } from "./lifecycle-run.testing.ts";
import type { Step, Which } from "./lifecycle-step.testing.ts";

// Runs that random steps come to seldom, and that say something of their own.

const newest: Which = { index: 0, fits: true };

test("parts that were joined while their upload was aborted are deleted by who joined them", () =>
  runLifecycle([
    { do: "create", who: 1, as: "film", size: "free", nature: "sound", silent: true, again: false },
    { do: "mint-parts", which: newest, parts: [1, 2], other: false },
    { do: "put", which: newest, bytes: "right" },
    { do: "put", which: { index: 1, fits: true }, bytes: "right" },
    { do: "complete", which: newest, sha256: "none", fate: { at: 2, how: "sleep" } },
    { do: "abort", which: newest },
    { do: "wake", index: 0 },
  ]));

test("a reservation that the sweeper freed is not freed again by an abort that wakes late", () =>
  runLifecycle([
    { do: "create", who: 0, as: "picture", size: 100, nature: "sound", silent: false, again: false },
    { do: "abort", which: newest, fate: { at: 3, how: "sleep" } },
    { do: "wait", seconds: 720 },
    { do: "sweep" },
    { do: "wake", index: 0 },
  ]));

test("a worker that copied before other bytes came under the landing key serves what it copied", () =>
  runLifecycle([
    { do: "create", who: 0, as: "picture", size: 100, nature: "sound", silent: false, again: false },
    { do: "put", which: newest, bytes: "right" },
    { do: "complete", which: newest, sha256: "none" },
    { do: "work", away: false, fate: { at: 2, how: "sleep-after" } },
    { do: "swap", which: newest },
    { do: "wake", index: 0 },
  ]));

/** A file of Ann's with its first version, and an upload in its place that has arrived. */
const createdAndReplaced: readonly Step[] = [
  { do: "create", who: 0, as: "picture", size: 100, nature: "sound", silent: false, again: false },
  { do: "put", which: newest, bytes: "right" },
  { do: "complete", which: newest, sha256: "none" },
  { do: "work", away: false },
  ...sentInPlace("current"),
];

function sentInPlace(base: "current" | "other"): readonly Step[] {
  return [
    {
      ...{ do: "replace", which: newest, base, who: 0, as: "picture", size: 200, nature: "sound" },
      ...{ silent: false, again: false },
    },
    { do: "put", which: newest, bytes: "right" },
    { do: "complete", which: newest, sha256: "none" },
  ];
}

test("a version that was restored while another was to take its successor's place stays current", () =>
  runLifecycle([
    ...createdAndReplaced,
    { do: "work", away: false },
    ...sentInPlace("current"),
    { do: "work", away: false, fate: { at: 5, how: "sleep" } },
    { do: "restore-version", which: newest, version: newest, off: 0 },
    { do: "wake", index: 0 },
    { do: "restore-version", which: newest, version: newest, off: -1 },
    { do: "purge-version", which: newest, version: newest, off: -1 },
    { do: "purge-version", which: newest, version: { index: 1, fits: true }, off: 0 },
    { do: "restore-version", which: newest, version: newest, off: 0 },
  ]));

test("the highest version is purged: its number is not given again", () =>
  runLifecycle([
    ...createdAndReplaced,
    { do: "work", away: false },
    { do: "restore-version", which: newest, version: newest, off: 0 },
    { do: "purge-version", which: newest, version: newest, off: 0 },
    ...sentInPlace("current"),
    { do: "work", away: false },
  ]));

test("what arrives for a file in the trash waits there, and what arrives for a deleted one is a file of its own", () =>
  runLifecycle([
    ...createdAndReplaced,
    ...sentInPlace("current"),
    { do: "trash", which: newest, off: 0 },
    { do: "work", away: false },
    { do: "purge", which: newest, off: 0 },
    { do: "work", away: false },
  ]));

test("a version is purged by one who believed it to be there when another already had", () =>
  runLifecycle([
    ...createdAndReplaced,
    { do: "work", away: false },
    { do: "purge-version", which: newest, version: newest, off: 1, fate: { at: 1, how: "sleep" } },
    { do: "restore-version", which: newest, version: newest, off: 1, fate: { at: 1, how: "sleep" } },
    { do: "purge-version", which: newest, version: newest, off: 0 },
    { do: "wake", index: 0 },
    { do: "wake", index: 0 },
  ]));

test("a change of a file that becomes what its client believed while it is asked for is made", () =>
  runLifecycle([
    ...createdAndReplaced,
    { do: "work", away: false },
    { do: "rename", which: newest, off: 1, fate: { at: 1, how: "sleep" } },
    { do: "restore-version", which: newest, version: newest, off: 2, fate: { at: 1, how: "sleep" } },
    { do: "purge-version", which: newest, version: newest, off: 3, fate: { at: 1, how: "sleep" } },
    { do: "trash", which: newest, off: 0 },
    { do: "wake", index: 2 },
    { do: "restore", which: newest, off: 0 },
    { do: "wake", index: 1 },
    { do: "wake", index: 0 },
  ]));
