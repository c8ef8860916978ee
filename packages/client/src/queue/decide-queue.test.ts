import assert from "node:assert/strict";
import { test } from "node:test";
import { NetworkError, StorageFullError } from "../errors.ts";
import type { FileSource } from "../ports.ts";
import type { Progress } from "../progress.ts";
import { decideQueue } from "./decide-queue.ts";
import { mirrorItems } from "./mirror-items.ts";
import type { QueueEvent } from "./queue-event.ts";
import { isHeldHere, rowOf } from "./queue-item.ts";
import { emptyQueue, type QueueState } from "./queue-state.ts";
import { totalsOf } from "./queue-totals.ts";
import type { UploadItem } from "./upload-item.ts";

type Source = FileSource;

const source: Source = {
  name: "film.mp4",
  sizeBytes: 4,
  contentType: "video/mp4",
  body: () => new Uint8Array(4),
  part: () => ({ sizeBytes: 4, body: () => new Uint8Array(4) }),
};

const after = (state: QueueState<Source>, ...events: readonly QueueEvent<Source>[]): QueueState<Source> =>
  events.reduce((so, event) => decideQueue(so, event).state, state);

const nothing: QueueState<Source> = emptyQueue;
const added = (id: string): QueueEvent<Source> => ({
  type: "added",
  items: [{ id, order: 1, source }],
  options: {},
});
/** What one program shows another: all but the file. */
const shownOf = ({ items }: QueueState<Source>) => items.map(({ source: _, ...item }) => item);
const show = (
  state: QueueState<Source>,
  items: readonly UploadItem[],
  type: "mirrored" | "changed" = "mirrored",
) => after(state, { type: "mirrored", items: mirrorItems(state, { type, items }, isHeldHere) });

test("shows what another program saves as that goes on with it", () => {
  const saving = after(nothing, { type: "led", rows: [] }, added("theirs"));
  const sending = after(saving, { type: "kept", ids: ["theirs"], isKept: true });
  const shown = show(nothing, shownOf(saving));
  assert.equal(shown.items[0]?.state, "saving");
  assert.equal(show(shown, shownOf(sending)).items[0]?.state, "saved");
  assert.deepEqual(show(shown, shownOf(nothing)).items, []);
});

test("keeps what it is saving itself, whatever another program knows of it", () => {
  const own = after(nothing, added("own"));
  assert.equal(show(own, shownOf(nothing)).items[0]?.source, source);
  // Who leads has not looked yet.
  const kept = after(own, { type: "kept", ids: ["own"], isKept: true });
  assert.equal(show(kept, shownOf(nothing)).items[0]?.source, source);
});

test("asks for what another program was saving when it ended", () => {
  const saving = after(nothing, { type: "led", rows: [] }, added("theirs"));
  const { commands } = decideQueue(nothing, added("theirs"));
  const rows = commands.flatMap((command) => (command.type === "write" ? command.rows : []));
  const leading = after(show(nothing, shownOf(saving)), { type: "led", rows });
  assert.equal(leading.items[0]?.state, "needs-file");
});

/** One file that leads, and is on its way. */
const sending = (...events: readonly QueueEvent<Source>[]) =>
  after(
    nothing,
    { type: "led", rows: [] },
    added("film"),
    { type: "kept", ids: ["film"], isKept: true },
    ...events,
  );
const progress = (
  stage: Progress["stage"],
  doneBytes: number,
  confirmedBytes?: number,
): QueueEvent<Source> => ({
  type: "progress",
  id: "film",
  run: 0,
  progress: { stage, doneBytes, totalBytes: 4, ...(confirmedBytes !== undefined && { confirmedBytes }) },
});
const written = (state: QueueState<Source>, event: QueueEvent<Source>) =>
  decideQueue(state, event).commands.flatMap((command) => (command.type === "write" ? command.rows : []));

test("says that all is sent only once all of it is confirmed", () => {
  const gone = sending(progress("sending", 4, 2));
  assert.deepEqual([gone.items[0]?.sentBytes, gone.items[0]?.fraction], [4, 0.99]);
  assert.equal(totalsOf(gone.items).fraction, 0.99);
  const confirmed = after(gone, progress("checking", 0));
  assert.equal(confirmed.items[0]?.fraction, 1);
  assert.equal(totalsOf(confirmed.items).fraction, 1);
});

test("goes on after a restart from the bytes that were confirmed, and never back from there", () => {
  const before = sending(progress("sending", 2));
  const rows = written(before, progress("sending", 3, 2));
  const led = after(nothing, { type: "led", rows });
  assert.deepEqual([led.items[0]?.sentBytes, led.items[0]?.fraction], [2, 0.5]);
  const again = after(led, { ...progress("sending", 0), run: 0 } as QueueEvent<Source>);
  assert.equal(again.items[0]?.sentBytes, 2);
  const checking = written(before, progress("checking", 0));
  assert.equal(after(nothing, { type: "led", rows: checking }).items[0]?.fraction, 1);
});

test("writes what is confirmed as parts end, and nothing as bytes go", () => {
  const before = sending(progress("sending", 0));
  assert.equal(written(before, progress("sending", 1)).length, 0);
  const one = progress("sending", 2, 2);
  assert.equal(written(before, one).length, 1);
  assert.equal(written(after(before, one), progress("sending", 3, 2)).length, 0);
});

/** The same queue, which tells what of its items is looked at. */
function watched(state: QueueState<Source>): { state: QueueState<Source>; seen: Set<string> } {
  const seen = new Set<string>();
  const items = state.items.map(
    (item) =>
      new Proxy(item, {
        get(target, member, receiver) {
          seen.add(target.id);
          return Reflect.get(target, member, receiver);
        },
      }),
  );
  return { state: { ...state, items }, seen };
}

test("looks at no other item where one moves on", () => {
  const ids = Array.from({ length: 300 }, (_, index) => `${index}`);
  const items = ids.map((id, order) => ({ id, order, source: { ...source, name: id } }));
  const many = after(
    nothing,
    { type: "led", rows: [] },
    { type: "added", items, options: {} },
    ...ids.map((id): QueueEvent<Source> => ({ type: "kept", ids: [id], isKept: true })),
  );
  const { state, seen } = watched(many);
  const moved = after(
    state,
    ...(["hashing", "creating", "sending"] as const).map(
      (stage): QueueEvent<Source> => ({
        type: "progress",
        id: "0",
        run: 0,
        progress: { stage, doneBytes: 2, totalBytes: 4 },
      }),
    ),
    { type: "hashed", id: "0", run: 0, sha256: "ab" },
  );
  assert.equal(moved.items[0]?.sentBytes, 2);
  assert.deepEqual([...seen], ["0"]);
});

test("shows of another program what has changed, and leaves the rest as it is", () => {
  const two = after(nothing, { type: "led", rows: [] }, added("one"), added("two"));
  const shown = show(nothing, shownOf(two));
  const [one, kept] = after(two, { type: "kept", ids: ["two"], isKept: true }).items;
  assert.ok(one && kept);
  const { source: _, ...told } = kept;
  const next = show(shown, [told, { ...told, id: "unknown" }], "changed");
  assert.deepEqual(
    next.items.map(({ id, isKept }) => [id, isKept]),
    [
      ["one", false],
      ["two", true],
    ],
  );
  assert.equal(next.items[0], shown.items[0]);
});

test("leaves alone what is under way where others of its add can't be kept", () => {
  const event: QueueEvent<Source> = { type: "not-kept", ids: ["film"], error: undefined, isFinal: true };
  const created = { ...progress("creating", 0), run: 0 } as Extract<QueueEvent<Source>, { type: "progress" }>;
  const known = sending({ ...created, progress: { ...created.progress, uploadId: "theirs" } });
  assert.equal(after(known, event).items[0]?.state, "saved");
  assert.equal(after(sending(), event).items[0]?.state, "failed");
});

test("asks for the file of what failed, was not kept, and is to be sent again after a restart", () => {
  const { items } = sending({ type: "broken", id: "film", run: 0, error: undefined });
  const failed = items.map((item) => ({ ...rowOf(item), isKept: false }));
  const led = after(nothing, { type: "led", rows: failed });
  const retry: QueueEvent<Source> = { type: "retried", id: "film", newRef: "another", isAll: false };
  assert.equal(after(led, retry).items[0]?.state, "needs-file");
  assert.equal(after(nothing, { type: "led", rows: written(led, retry) }).items[0]?.state, "needs-file");
});

test("never shows again what was dismissed while it was being created by a program that ended", () => {
  const { items } = sending(
    progress("creating", 0),
    { type: "cancelled", ids: ["film"] },
    { type: "dismissed", ids: ["film"] },
  );
  assert.deepEqual([items.length, items[0]?.isDismissed], [1, true]);
  const { state, commands } = decideQueue(nothing, { type: "led", rows: items.map(rowOf) });
  assert.deepEqual([state.items, commands], [[], [{ type: "erase", ids: ["film"] }]]);
});

test("erases nothing that it does not know where another program takes all off its list that has ended", () => {
  const { commands } = decideQueue(sending({ type: "cancelled", ids: ["film"] }), {
    type: "dismissed",
    ids: ["film", "theirs"],
  });
  assert.deepEqual(commands, [{ type: "erase", ids: ["film"] }]);
});

test("does itself what a person wants of what who leads does not know, and leaves the rest to that", () => {
  const retry = (id: string): QueueEvent<Source> => ({ type: "retried", id, newRef: "another", isAll: true });
  const event = { type: "not-kept", ids: ["own"], error: new StorageFullError(), isFinal: true } as const;
  const failed = after(nothing, added("own"), event);
  const shown = show(failed, [{ ...shownOf(failed)[0], id: "theirs" } as UploadItem]);
  const states = (...events: readonly QueueEvent<Source>[]) =>
    after(shown, ...events).items.map(({ id, state }) => [id, state]);
  assert.deepEqual(states(retry("own"), retry("theirs")), [
    ["theirs", "failed"],
    ["own", "saving"],
  ]);
  assert.deepEqual(states({ type: "dismissed", ids: ["own", "theirs"] }), [["theirs", "failed"]]);
  // It has led since, and what it knew the next one knows.
  const led = after(failed, { type: "led", rows: [] }, { type: "lost" });
  assert.deepEqual(show(led, []).items, []);
});

test("shows as the one that leads does what waits for the network there", () => {
  const waiting = sending({ type: "broken", id: "film", run: 0, error: new NetworkError("reset") });
  const shown = show(nothing, shownOf(waiting));
  assert.equal(after(shown, { type: "woken", isBack: true }).items[0]?.state, "waiting-for-network");
});

test("pauses nothing of which all bytes have arrived, kept or not", () => {
  const checking = after(
    nothing,
    { type: "led", rows: [] },
    added("film"),
    { type: "kept", ids: ["film"], isKept: false },
    progress("checking", 0),
    { type: "paused", ids: ["film"] },
  );
  assert.equal(checking.items[0]?.state, "checking");
});

test("tells the server again what it could not be told, when somebody signs in or gives up all that is left", () => {
  const created = { ...progress("creating", 0), run: 0 } as Extract<QueueEvent<Source>, { type: "progress" }>;
  const cancelled = sending(
    { ...created, progress: { ...created.progress, uploadId: "upload-1" } },
    { type: "cancelled", ids: ["film"] },
  );
  const ends = (event: QueueEvent<Source>) =>
    decideQueue(cancelled, event).commands.filter(({ type }) => type === "end").length;
  assert.equal(ends({ type: "signed-in" }), 1);
  assert.equal(ends({ type: "cancelled", ids: ["film"] }), 1);
  assert.equal(ends({ type: "told", id: "film" }), 0);
});
