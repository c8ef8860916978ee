import assert from "node:assert/strict";
import { test } from "node:test";
import type { File } from "@stowage/protocol";
import fc from "fast-check";
import type { FileSource } from "../ports.ts";
import { sourceOf } from "../testing/test-platform.contract.ts";
import { totalsOf } from "./queue-totals.ts";
import { type QueueEvent, type QueueItems, reduceQueue } from "./reduce-queue.ts";
import { hasEnded, type UploadItem } from "./upload-item.ts";

type Event = QueueEvent<FileSource>;
type Items = QueueItems<FileSource>;

const ids = ["a", "b", "c"] as const;
const id = fc.constantFrom(...ids);
const problem = fc.constantFrom({ code: "network", detail: "Away." }, { code: "corrupt", detail: "Broken." });
const fileOf = (fileId: string) => ({ id: fileId, name: fileId }) as File;

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ type: fc.constant("created" as const), id, uploadId: fc.constantFrom("u1", "u2") }),
  fc.record({ type: fc.constant("sending" as const), id, sentBytes: fc.integer({ min: 0, max: 20 }) }),
  fc.record({ type: fc.constant("checking" as const), id }),
  fc.record({ type: fc.constant("troubled" as const), id, problem }),
  fc.record({
    type: fc.constant("held-up" as const),
    id,
    problem,
    waitingFor: fc.constantFrom("network" as const, "sign-in" as const),
  }),
  fc.record({ type: fc.constant("resumed" as const), id }),
  fc.record({
    type: fc.constant("ready" as const),
    id,
    fileId: fc.constantFrom("f1", "f2"),
    contentType: fc.constant("image/png"),
  }),
  fc.record({ type: fc.constant("rejected" as const), id, problem }),
  fc.record({ type: fc.constant("failed" as const), id, problem, canRetry: fc.boolean() }),
  fc.record({ type: fc.constant("cancelled" as const), id }),
  fc.record({ type: fc.constant("retried" as const), id }),
  fc.record({ type: fc.constant("dismissed" as const), ids: fc.subarray([...ids]) }),
  fc.record({
    type: fc.constant("found" as const),
    files: fc.constantFrom([fileOf("f1")], [fileOf("f2")], []),
  }),
);

const begun = (): Items =>
  reduceQueue<FileSource>([], {
    type: "added",
    items: ids.map((one) => ({ id: one, source: sourceOf(`${one}.jpg`, "0123456789") })),
  });

/** What must hold of any item at any time. */
function assertWhole(item: UploadItem): void {
  assert.ok(item.sentBytes >= 0 && item.sentBytes <= item.sizeBytes);
  assert.equal(item.fraction, item.sentBytes / item.sizeBytes);
  assert.equal(item.waitingFor !== undefined, item.state === "waiting");
  assert.equal(item.fileId !== undefined, item.state === "ready");
  if (item.file) assert.equal(item.file.id, item.fileId);
  if (item.canRetry) assert.ok(hasEnded(item) && item.state !== "ready" && item.state !== "rejected");
  if (item.state === "rejected" || item.state === "failed") assert.ok(item.problem);
  if (item.state === "ready" || item.state === "cancelled") assert.equal(item.problem, undefined);
  if (item.state === "checking" || item.state === "ready") assert.equal(item.fraction, 1);
}

test("keeps every item whole through any events, in any order", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      for (const [index, items] of steps(events).entries()) {
        items.forEach(assertWhole);
        const order = items.map((item) => item.id);
        assert.deepEqual(order, [...new Set(order)].sort(), `after ${index} events`);
      }
    }),
    { numRuns: 2000 },
  );
});

test("lets what has ended be, but for a retry, a dismissal, or news of its file", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const all = steps(events);
      for (const [index, one] of events.entries()) {
        if (one.type === "retried" || one.type === "dismissed" || one.type === "found") continue;
        for (const item of all[index]?.filter(hasEnded) ?? []) assert.ok(all[index + 1]?.includes(item));
      }
    }),
    { numRuns: 1000 },
  );
});

test("never lets progress go back until a retry", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const all = steps(events);
      for (const [index, one] of events.entries()) {
        if (one.type === "retried") continue;
        for (const item of all[index + 1] ?? []) {
          const before = all[index]?.find((earlier) => earlier.id === item.id);
          assert.ok(item.sentBytes >= (before?.sentBytes ?? 0));
        }
      }
    }),
    { numRuns: 1000 },
  );
});

test("leaves untouched items, and an untouched queue, the same objects", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const all = steps(events);
      for (const [index, one] of events.entries()) {
        const before = all[index] ?? [];
        const after = all[index + 1] ?? [];
        if ("id" in one)
          for (const item of before) if (item.id !== one.id) assert.ok(after.includes(item), one.type);
        if (after.length === before.length && after.every((item, at) => item === before[at]))
          assert.equal(after, before, one.type);
      }
    }),
    { numRuns: 1000 },
  );
});

test("counts each file once, and its bytes as done when it has ended", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      for (const items of steps(events)) {
        const totals = totalsOf(items);
        const { waiting, sending, checking, ready, rejected, failed, cancelled } = totals;
        assert.equal(waiting + sending + checking, totals.active);
        assert.equal(totals.active + ready + rejected + failed + cancelled, totals.files);
        assert.equal(totals.totalBytes, 10 * (totals.files - cancelled));
        assert.ok(totals.doneBytes >= 0 && totals.doneBytes <= totals.totalBytes);
        assert.ok(totals.fraction >= 0 && totals.fraction <= 1);
        assert.ok(totals.heldUp <= waiting);
        if (totals.active === 0) assert.equal(totals.fraction, 1);
      }
    }),
    { numRuns: 1000 },
  );
});

test("has nothing to send of an empty file", () => {
  const [empty] = reduceQueue<FileSource>([], {
    type: "added",
    items: [{ id: "a", source: sourceOf("a", "") }],
  });
  const items = reduceQueue<FileSource>(empty ? [empty] : [], { type: "sending", id: "a", sentBytes: 0 });
  assert.equal(items[0]?.fraction, 1);
});

/** The queue before the first event, and after each. */
function steps(events: readonly Event[]): Items[] {
  const all = [begun()];
  for (const one of events) all.push(reduceQueue(all.at(-1) ?? [], one));
  return all;
}
