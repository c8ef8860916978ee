import type { FileSource } from "../ports.ts";
import { mayBegin } from "./choose-next.ts";
import type { QueueItem } from "./queue-item.ts";
import { isHeldUp } from "./upload-item.ts";

/** A queue at a moment. Beside the items it has what is known of all of them, so that none of the others is looked at where one changes. */
export interface QueueState<Source extends FileSource> {
  readonly items: readonly QueueItem<Source>[];
  /** Where in `items` each id is. */
  readonly at: ReadonlyMap<string, number>;
  /** How many items look like the same file. */
  readonly looks: ReadonlyMap<string, number>;
  readonly counts: Readonly<Counts>;
  readonly isLeading: boolean;
  /** Tries that have begun so far. */
  readonly begun: number;
}

/**
 * How many items are under way; are so, and not all of their bytes have arrived; may begin; wait for something that is tried
 * from time to time.
 */
type Counts = [underWay: number, unsent: number, mayBegin: number, waiting: number];

/** Adds an item to what is counted, or takes it away. */
function count(counts: Counts, item: QueueItem<FileSource>, by: 1 | -1): void {
  const { run, stage, mustEnd } = item;
  const isUnderWay = run !== undefined;
  const kinds = [isUnderWay, isUnderWay && stage !== "checking", mayBegin(item), isHeldUp(item) || mustEnd];
  for (const [kind, isSo] of kinds.entries()) if (isSo) counts[kind as 0] += by;
}

export const looksOf = ({ name, sizeBytes }: Pick<FileSource, "name" | "sizeBytes">): string =>
  `${sizeBytes} ${name}`;

export const emptyQueue: QueueState<never> = {
  items: [],
  at: new Map(),
  looks: new Map(),
  counts: [0, 0, 0, 0],
  isLeading: false,
  begun: 0,
};

/** The queue with other items. */
export function withItems<Source extends FileSource>(
  state: QueueState<Source>,
  items: readonly QueueItem<Source>[],
): QueueState<Source> {
  const at = new Map<string, number>();
  const looks = new Map<string, number>();
  const counts: Counts = [...emptyQueue.counts];
  for (const item of items) {
    at.set(item.id, at.size);
    looks.set(looksOf(item), (looks.get(looksOf(item)) ?? 0) + 1);
    count(counts, item, 1);
  }
  return { ...state, items, at, looks, counts };
}

/** The queue with these items in the places of those with their ids. */
export function withChanged<Source extends FileSource>(
  state: QueueState<Source>,
  changed: readonly QueueItem<Source>[],
): QueueState<Source> {
  if (changed.length === 0) return state;
  const items = state.items.slice();
  const counts: Counts = [...state.counts];
  for (const item of changed) {
    const index = state.at.get(item.id) as number;
    count(counts, items[index] as QueueItem<Source>, -1);
    count(counts, item, 1);
    items[index] = item;
  }
  return { ...state, items, counts };
}

/** The queue where each item is what comes of it; the same queue where none is another. */
export const withEach = <Source extends FileSource>(
  state: QueueState<Source>,
  next: (item: QueueItem<Source>) => QueueItem<Source>,
): QueueState<Source> =>
  withChanged(
    state,
    state.items.map(next).filter((item, index) => item !== state.items[index]),
  );
