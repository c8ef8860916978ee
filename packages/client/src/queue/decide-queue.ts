import type { FileSource } from "../ports.ts";
import { chooseNext } from "./choose-next.ts";
import { decideItem, endAs, written } from "./decide-item.ts";
import type { QueueCommand, QueueEvent } from "./queue-event.ts";
import {
  isAlike,
  isEnding,
  isStill,
  isTheirs,
  itemOf,
  type QueueItem,
  rowOf,
  sent,
  stopped,
} from "./queue-item.ts";
import { looksOf, type QueueState, withChanged, withEach, withItems } from "./queue-state.ts";
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
  const decided = decide(state, event, commands);
  const isLeading = event.type === "led" || (state.isLeading && event.type !== "lost");
  const next = isLeading === state.isLeading ? decided : { ...decided, isLeading };
  return { state: isLeading ? begin(next, commands) : next, commands };
}

function begin<Source extends FileSource>(
  state: QueueState<Source>,
  commands: QueueCommand[],
): QueueState<Source> {
  let { begun } = state;
  const started = chooseNext(state).map((item): QueueItem<Source> => {
    const run = begun;
    begun += 1;
    commands.push({ type: "start", id: item.id, run });
    return { ...item, run, stage: "hashing" };
  });
  return begun === state.begun ? state : { ...withChanged(state, started), begun };
}

function decide<Source extends FileSource>(
  state: QueueState<Source>,
  event: QueueEvent<Source>,
  commands: QueueCommand[],
): QueueState<Source> {
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
      if (added.length === 0) return state;
      commands.push(
        { type: "write", rows: added.map(rowOf) },
        { type: "keep", ids: added.map(({ id }) => id) },
      );
      return withItems(state, [...items, ...added]);
    }
    case "led":
    case "loaded":
      return withItems(state, remaining(load(items, event, commands)));
    case "lost":
      return withEach(state, (item) => {
        const { id, run, state: was } = item;
        if (run !== undefined) commands.push({ type: "stop", id, run });
        return {
          ...stopped(item),
          isTold: true,
          state: was === "sending" || was === "checking" ? "saved" : was,
        };
      });
    case "mirrored":
      return withItems(state, event.items);
    case "erased":
      for (const { id, run } of items) if (run !== undefined) commands.push({ type: "stop", id, run });
      commands.push({ type: "erase", ids: items.map(({ id }) => id) });
      return withItems(state, []);
    case "dismissed": {
      const ids = new Set(event.ids);
      // Not what another program has added that this one does not know yet.
      const gone = items.filter(
        (item) => ids.has(item.id) && hasEnded(item) && !item.isDismissed && !isTheirs(item, state),
      );
      if (gone.length === 0) return state;
      const hidden = gone.map((item) => ({ ...item, nextRef: undefined, isDismissed: true }));
      const over: string[] = [];
      for (const item of hidden) isEnding(item) ? written(item, commands) : over.push(item.id);
      if (over.length > 0) commands.push({ type: "erase", ids: over });
      return withItems(state, remaining(withChanged(state, hidden).items));
    }
    case "found": {
      const files = new Map(event.files.map((file) => [file.id, file]));
      return withEach(state, (item) => {
        const file = files.get(item.fileId ?? "");
        return file ? { ...item, file } : item;
      });
    }
  }
  const ids = "id" in event ? [event.id] : "ids" in event ? event.ids : items.map(({ id }) => id);
  const changed = ids.flatMap((id) => {
    const before = items[state.at.get(id) ?? -1];
    const now = before && decideItem(before, event, state, commands);
    return now && now !== before ? [now] : [];
  });
  const next = followTwins(withChanged(state, changed), changed, commands);
  return changed.some((item) => item.isDismissed) ? withItems(next, remaining(next.items)) : next;
}

/** What the server has yet to be told of is only out of sight. */
const remaining = <Source extends FileSource>(items: readonly QueueItem<Source>[]) =>
  items.filter((item) => !item.isDismissed || isEnding(item));

/**
 * What the store has is what counts, but for what this program is just saving. What has ended in the meantime stays on
 * the list; of what was ready when nobody looked, the store is told that somebody has seen it now; as of what
 * nobody is to see.
 */
function load<Source extends FileSource>(
  items: readonly QueueItem<Source>[],
  { type, rows }: { readonly type: "led" | "loaded"; readonly rows: readonly QueueRow[] },
  commands: QueueCommand[],
): readonly QueueItem<Source>[] {
  const known = new Map(items.map((item) => [item.id, item]));
  const loaded = rows.map((row) => {
    const own = known.get(row.id);
    known.delete(row.id);
    const isGivenAgain =
      row.isKept && !hasEnded(row) && (own?.state === "needs-file" || own?.state === "failed");
    const isOurs = own && (isSaving(own) || own.run !== undefined || (type === "loaded" && !isGivenAgain));
    return isOurs ? own : itemOf(row, own);
  });
  const left = [...known.values()].flatMap((item): QueueItem<Source>[] => {
    if (type === "loaded" || hasEnded(item) || isSaving(item)) return [item];
    // Another program has brought it to its end, and died before it could say to which.
    return item.source || item.uploadId
      ? [{ ...item, state: "saved", twinOf: undefined, mustAsk: true }]
      : [];
  });
  if (type === "loaded") return inOrder([...loaded, ...left]);
  const seen = loaded
    .filter((item) => item.state === "ready" || (item.isDismissed && !isEnding(item)))
    .map(({ id }) => id);
  if (seen.length > 0) commands.push({ type: "erase", ids: seen });
  for (const { id, mustEnd, uploadId } of loaded)
    if (mustEnd && uploadId) commands.push({ type: "end", id, uploadId });
  return inOrder([...loaded, ...left]);
}

/** This program is about to bring its bytes to the store. */
const isSaving = <Source extends FileSource>({ state, source }: QueueItem<Source>): boolean =>
  state === "saving" && source !== undefined;

const inOrder = <Source extends FileSource>(items: QueueItem<Source>[]): readonly QueueItem<Source>[] =>
  items.sort((one, other) => one.order - other.order);

/**
 * What has the same file as one that has ended goes its way: to the same file, or to the same refusal. Where that one was given up, or
 * stands still, it goes on by itself, with what has been sent so far.
 */
function followTwins<Source extends FileSource>(
  state: QueueState<Source>,
  changed: readonly QueueItem<Source>[],
  commands: QueueCommand[],
): QueueState<Source> {
  const firsts = changed.filter(
    (item) => (hasEnded(item) || isStill(item)) && state.looks.get(looksOf(item)) !== 1,
  );
  if (firsts.length === 0) return state;
  return withEach(state, (item) => {
    if (hasEnded(item)) return item;
    for (const first of firsts) {
      const { ref, uploadId, sha256, state: end } = first;
      const isFollowing = item.twinOf === first.id;
      if (end === "ready" || end === "rejected") {
        if (isFollowing || item.ref === ref)
          return endAs({ ...item, twinOf: undefined, uploadId }, first, commands);
        if (sha256 && !item.sha256 && isAlike(first, item))
          return written({ ...item, sameAs: { sha256, ref } }, commands);
      } else if (isFollowing) return written({ ...item, ref, uploadId, twinOf: undefined }, commands);
    }
    return item;
  });
}
