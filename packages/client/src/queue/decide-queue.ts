import type { FileSource } from "../ports.ts";
import { chooseNext } from "./choose-next.ts";
import { decideItem, type ItemEvent } from "./decide-item.ts";
import type { QueueCommand, QueueEvent, QueueState } from "./queue-event.ts";
import { itemOf, type QueueItem, rowOf, sent, stopped } from "./queue-item.ts";
import type { QueueRow } from "./queue-store.ts";
import { hasEnded } from "./upload-item.ts";

export interface QueueDecision<Source extends FileSource> {
  /** The same object where nothing changed. */
  readonly state: QueueState<Source>;
  readonly commands: readonly QueueCommand[];
}

/**
 * What a queue is after an event, and what is to be done: pure, so that a run of events can be had again. Whatever
 * happened, what may begin begins.
 */
export function decideQueue<Source extends FileSource>(
  state: QueueState<Source>,
  event: QueueEvent<Source>,
): QueueDecision<Source> {
  const commands: QueueCommand[] = [];
  let items = decideItems(state, event, commands);
  const isLeading = event.type === "led" || (state.isLeading && event.type !== "lost");
  let { begun } = state;
  if (isLeading) {
    const next = chooseNext(items, begun);
    if (next.length > 0) {
      const runs = new Map(next.map((item, index) => [item, begun + index]));
      for (const [{ id }, run] of runs) commands.push({ type: "start", id, run });
      begun += runs.size;
      items = items.map((item) => {
        const run = runs.get(item);
        return run === undefined ? item : { ...item, run, stage: "hashing" };
      });
    }
  }
  return items === state.items && isLeading === state.isLeading
    ? { state, commands }
    : { state: { ...state, items, isLeading, begun }, commands };
}

type Items<Source extends FileSource> = readonly QueueItem<Source>[];

function decideItems<Source extends FileSource>(
  state: QueueState<Source>,
  event: QueueEvent<Source>,
  commands: QueueCommand[],
): Items<Source> {
  const { items } = state;
  switch (event.type) {
    case "added": {
      const { options } = event;
      const added = event.items.map(({ id, order, source }): QueueItem<Source> => {
        const { name, sizeBytes, contentType } = source;
        const shown = { id, name, sizeBytes, contentType, source, group: options.group };
        return {
          ...shown,
          ref: id,
          order,
          options,
          state: "saving",
          isKept: false,
          ...sent(source, 0),
          canRetry: false,
        };
      });
      if (added.length === 0) return items;
      commands.push(
        { type: "write", rows: added.map(rowOf) },
        { type: "keep", ids: added.map(({ id }) => id) },
      );
      return [...items, ...added];
    }
    case "led":
    case "loaded":
      return load(items, event, commands);
    case "lost":
      return items.map((item) => {
        if (item.run === undefined) return item;
        commands.push({ type: "stop", id: item.id, run: item.run });
        const isOnItsWay = item.state === "sending" || item.state === "checking";
        return { ...stopped(item), ...(isOnItsWay && { state: "saved" as const }) };
      });
    case "mirrored": {
      const known = new Map(items.map((item) => [item.id, item]));
      const mirrored = event.items.map((item): QueueItem<Source> => {
        const own = known.get(item.id);
        known.delete(item.id);
        if (own && isSavedHere(own)) return own;
        return { ...own, problem: undefined, ...(item as QueueItem<Source>), source: own?.source };
      });
      // What this program has just added the other may not know yet.
      return [...mirrored, ...[...known.values()].filter(isSavedHere)];
    }
    case "erased":
      for (const { id, run } of items) if (run !== undefined) commands.push({ type: "stop", id, run });
      commands.push({ type: "erase", ids: items.map(({ id }) => id) });
      return [];
    case "dismissed": {
      const gone = new Set(event.ids);
      // One that was cancelled as it was being created stays until the server has been told.
      const left = items.filter(
        (item) => !(gone.has(item.id) && hasEnded(item) && !item.mustEnd && item.run === undefined),
      );
      if (left.length === items.length) return items;
      commands.push({
        type: "erase",
        ids: event.ids.filter((id) => !left.some((item) => item.id === id)),
      });
      return left;
    }
    case "found": {
      const files = new Map(event.files.map((file) => [file.id, file]));
      return mapped(items, (item) => {
        const file = files.get(item.fileId ?? "");
        return file ? { ...item, file } : item;
      });
    }
    default: {
      const decide = (item: QueueItem<Source>) =>
        decideItem(item, event as ItemEvent<Source>, state, commands);
      const ids = "ids" in event ? new Set(event.ids) : undefined;
      const changed =
        "id" in event
          ? mappedOne(items, event.id, decide)
          : mapped(items, (item) => (ids?.has(item.id) === false ? item : decide(item)));
      return changed === items ? items : followTwins(changed, commands);
    }
  }
}

/** This program is about to bring its bytes to the store: nobody else knows more of it. */
const isSavedHere = <Source extends FileSource>({ state, source }: QueueItem<Source>): boolean =>
  state === "saving" && source !== undefined;

/** The same array where no item changed. */
function mapped<Source extends FileSource>(
  items: Items<Source>,
  next: (item: QueueItem<Source>) => QueueItem<Source>,
): Items<Source> {
  let isSame = true;
  const changed = items.map((item) => {
    const now = next(item);
    if (now !== item) isSame = false;
    return now;
  });
  return isSame ? items : changed;
}

/** The same for one item: of thousands none of the others is looked at. */
function mappedOne<Source extends FileSource>(
  items: Items<Source>,
  id: string,
  next: (item: QueueItem<Source>) => QueueItem<Source>,
): Items<Source> {
  const index = items.findIndex((item) => item.id === id);
  const item = items[index];
  const now = item && next(item);
  if (!now || now === item) return items;
  const changed = items.slice();
  changed[index] = now;
  return changed;
}

/**
 * What the store has is what counts, but for what this program is just saving. What has ended in the meantime stays on
 * the list; of what was ready when nobody looked, the store is told that somebody has seen it now.
 */
function load<Source extends FileSource>(
  items: Items<Source>,
  { type, rows }: { readonly type: "led" | "loaded"; readonly rows: readonly QueueRow[] },
  commands: QueueCommand[],
): Items<Source> {
  const known = new Map(items.map((item) => [item.id, item]));
  const loaded = rows.map((row) => {
    const own = known.get(row.id);
    known.delete(row.id);
    const isOurs =
      (own && isSavedHere(own)) ||
      own?.run !== undefined ||
      (type === "loaded" && !(own?.state === "needs-file" && row.isKept));
    return own && isOurs ? own : itemOf(row, own);
  });
  const left = [...known.values()].flatMap((item): QueueItem<Source>[] => {
    if (type === "loaded" || hasEnded(item) || isSavedHere(item)) return [item];
    // Another program has brought it to its end, and died before it could say to which.
    return item.source ? [{ ...item, state: "saved", mustAsk: item.uploadId !== undefined }] : [];
  });
  if (type === "loaded") return inOrder([...loaded, ...left]);
  const seen = loaded.filter(({ state }) => state === "ready").map(({ id }) => id);
  if (seen.length > 0) commands.push({ type: "erase", ids: seen });
  for (const { id, mustEnd, uploadId } of loaded)
    if (mustEnd && uploadId !== undefined) commands.push({ type: "end", id, uploadId });
  return inOrder([...loaded, ...left]);
}

const inOrder = <Source extends FileSource>(items: QueueItem<Source>[]): Items<Source> =>
  items.sort((one, other) => one.order - other.order);

/** What follows another item goes its way: to the same file, to the same refusal, or, where that has given up, on its own. */
function followTwins<Source extends FileSource>(
  items: Items<Source>,
  commands: QueueCommand[],
): Items<Source> {
  if (!items.some(({ twinOf }) => twinOf !== undefined)) return items;
  const known = new Map(items.map((item) => [item.id, item]));
  return mapped(items, (item) => {
    if (item.twinOf === undefined || hasEnded(item)) return item;
    const first = known.get(item.twinOf);
    if (first && !hasEnded(first)) return item;
    const { twinOf: _, ...rest } = item;
    const alone: QueueItem<Source> = { ...rest, ref: item.id };
    if (first?.state !== "ready" && first?.state !== "rejected") {
      commands.push({ type: "write", rows: [rowOf(alone)] });
      return alone;
    }
    const { state, fileId, uploadId, problem, contentType } = first;
    commands.push({ type: "erase", ids: [item.id] });
    if (fileId !== undefined) commands.push({ type: "find", fileId });
    const bytes = sent(item, 0, item.sizeBytes);
    return { ...alone, ...bytes, state, fileId, uploadId, problem, contentType };
  });
}
