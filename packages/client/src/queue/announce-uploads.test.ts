import assert from "node:assert/strict";
import { test } from "node:test";
import type { FileSource } from "../ports.ts";
import { sourceOf } from "../testing/test-platform.contract.ts";
import { announceUploads } from "./announce-uploads.ts";
import { totalsOf } from "./queue-totals.ts";
import { type QueueEvent, type QueueItems, reduceQueue } from "./reduce-queue.ts";

/** What is said after each batch of events. */
function said(...batches: readonly (readonly QueueEvent<FileSource>[])[]): (string | undefined)[] {
  let items: QueueItems<FileSource> = [];
  return batches.map((events) => {
    const before = { items, totals: totalsOf(items) };
    items = events.reduce(reduceQueue<FileSource>, items);
    return announceUploads(before, { items, totals: totalsOf(items) });
  });
}

const added = (...names: string[]): QueueEvent<FileSource> => ({
  type: "added",
  items: names.map((name) => ({ id: name, source: sourceOf(name, name) })),
});
const ready = (id: string): QueueEvent<FileSource> => ({
  type: "ready",
  id,
  fileId: id,
  contentType: "image/jpeg",
});
const rejected = (id: string): QueueEvent<FileSource> => ({
  type: "rejected",
  id,
  problem: { code: "corrupt", detail: "It ends too soon." },
});
const heldUp = (id: string): QueueEvent<FileSource> => ({
  type: "held-up",
  id,
  waitingFor: "network",
  problem: { code: "network", detail: "The server can't be reached." },
});

test("says how many were added, and how all ended", () => {
  assert.deepEqual(said([added("a.jpg", "b.jpg")], [ready("a.jpg")], [ready("b.jpg")]), [
    "2 files added.",
    undefined,
    "Done: 2 files ready.",
  ]);
});

test("says why one was rejected, and counts several", () => {
  assert.deepEqual(
    said(
      [added("a.jpg", "b.jpg", "c.jpg", "d.jpg")],
      [rejected("a.jpg")],
      [rejected("b.jpg"), rejected("c.jpg")],
      [ready("d.jpg")],
    ),
    [
      "4 files added.",
      "a.jpg was rejected: It ends too soon.",
      "2 files could not be sent.",
      "Done: 1 file ready, 3 rejected.",
    ],
  );
});

test("says once that it waits", () => {
  assert.deepEqual(said([added("a.jpg", "b.jpg")], [heldUp("a.jpg")], [heldUp("b.jpg")]), [
    "2 files added.",
    "Waiting. The server can't be reached.",
    undefined,
  ]);
});

test("says nothing of progress, or of what is taken off the list", () => {
  assert.deepEqual(
    said(
      [added("a.jpg")],
      [{ type: "sending", id: "a.jpg", sentBytes: 1 }],
      [{ type: "cancelled", id: "a.jpg" }],
      [{ type: "dismissed", ids: ["a.jpg"] }],
    ),
    ["1 file added.", undefined, "Done: 0 files ready, 1 cancelled.", undefined],
  );
});
