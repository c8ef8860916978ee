import assert from "node:assert/strict";
import { test } from "node:test";
import type { FileSource } from "../ports.ts";
import { decideQueue } from "./decide-queue.ts";
import type { QueueEvent, QueueState } from "./queue-event.ts";

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

const nothing: QueueState<Source> = { items: [], isLeading: false, begun: 0, isUnseen: false };
const added = (id: string): QueueEvent<Source> => ({
  type: "added",
  items: [{ id, order: 1, source }],
  options: {},
});
/** What one program shows another: all but the file. */
const shownOf = ({ items }: QueueState<Source>): QueueEvent<Source> => ({
  type: "mirrored",
  items: items.map(({ source: _, ...item }) => item),
});

test("shows what another program saves as that goes on with it", () => {
  const saving = after(nothing, { type: "led", rows: [] }, added("theirs"));
  const sending = after(saving, { type: "kept", id: "theirs", isKept: true });
  const shown = after(nothing, shownOf(saving));
  assert.equal(shown.items[0]?.state, "saving");
  assert.equal(after(shown, shownOf(sending)).items[0]?.state, "saved");
  assert.deepEqual(after(shown, shownOf(nothing)).items, []);
});

test("keeps what it is saving itself, whatever another program knows of it", () => {
  const own = after(nothing, added("own"));
  assert.equal(after(own, shownOf(nothing)).items[0]?.source, source);
});

test("asks for what another program was saving when it ended", () => {
  const saving = after(nothing, { type: "led", rows: [] }, added("theirs"));
  const { commands } = decideQueue(nothing, added("theirs"));
  const rows = commands.flatMap((command) => (command.type === "write" ? command.rows : []));
  const leading = after(after(nothing, shownOf(saving)), { type: "led", rows });
  assert.equal(leading.items[0]?.state, "needs-file");
});
