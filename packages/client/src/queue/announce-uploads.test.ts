import assert from "node:assert/strict";
import { test } from "node:test";
import type { Upload } from "@stowage/protocol";
import { NetworkError } from "../errors.ts";
import type { FileSource } from "../ports.ts";
import { sourceOf } from "../testing/test-platform.contract.ts";
import { announceUploads } from "./announce-uploads.ts";
import { decideQueue } from "./decide-queue.ts";
import type { QueueEvent } from "./queue-event.ts";
import { emptyQueue, type QueueState } from "./queue-state.ts";
import { totalsOf } from "./queue-totals.ts";

type Event = QueueEvent<FileSource>;
/** What happens to the item of this id in the try that is under way. */
type Happening = Event | ((run: number) => Event);

/** What is said after each batch of events. */
function said(...batches: readonly (readonly Happening[])[]): (string | undefined)[] {
  let state: QueueState<FileSource> = { ...emptyQueue, isLeading: true };
  return batches.map((happenings) => {
    const { items } = state;
    for (const one of happenings)
      state = decideQueue(state, typeof one === "function" ? one(runOf(state, one)) : one).state;
    return announceUploads(
      { items, totals: totalsOf(items) },
      { items: state.items, totals: totalsOf(state.items) },
    );
  });
}

const runOf = ({ items }: QueueState<FileSource>, happening: (run: number) => Event): number => {
  const event = happening(0);
  const id = "id" in event ? event.id : "";
  return items.find((item) => item.id === id)?.run ?? -1;
};

const added = (...names: string[]): readonly Event[] => [
  {
    type: "added",
    items: names.map((name, order) => ({ id: name, order, source: sourceOf(name, name) })),
    options: {},
  },
  ...names.map((id): Event => ({ type: "kept", ids: [id], isKept: true })),
];
const upload = (more: Partial<Upload>) => ({ fileId: "file", contentType: "image/jpeg", ...more }) as Upload;
const ready =
  (id: string) =>
  (run: number): Event => ({ type: "ended", id, run, upload: upload({}) });
const rejected =
  (id: string) =>
  (run: number): Event => ({
    type: "ended",
    id,
    run,
    upload: upload({ rejection: { code: "corrupt", detail: "It ends too soon." } }),
  });
const sending =
  (id: string) =>
  (run: number): Event => ({
    type: "progress",
    id,
    run,
    progress: { stage: "sending", doneBytes: 1, totalBytes: 5 },
  });
const heldUp =
  (id: string) =>
  (run: number): Event => ({
    type: "broken",
    id,
    run,
    error: new NetworkError("No answer."),
  });

test("says how many were added, and how all ended", () => {
  assert.deepEqual(said(added("a.jpg", "b.jpg"), [ready("a.jpg")], [ready("b.jpg")]), [
    "2 files added.",
    undefined,
    "Done: 2 files ready.",
  ]);
});

test("says why one was rejected, and counts several", () => {
  assert.deepEqual(
    said(
      added("a.jpg", "b.jpg", "c.jpg", "d.jpg"),
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
  assert.deepEqual(said(added("a.jpg", "b.jpg"), [heldUp("a.jpg")], [heldUp("b.jpg")]), [
    "2 files added.",
    "Waiting. The server can't be reached.",
    undefined,
  ]);
});

test("says nothing of progress, or of what is taken off the list", () => {
  assert.deepEqual(
    said(
      added("a.jpg"),
      [sending("a.jpg")],
      [{ type: "cancelled", ids: ["a.jpg"] }],
      [{ type: "dismissed", ids: ["a.jpg"] }],
    ),
    ["1 file added.", undefined, "Done: 0 files ready, 1 cancelled.", undefined],
  );
});
