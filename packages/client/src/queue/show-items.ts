import type { FileSource } from "../ports.ts";
import { commonMembers, pick, type QueueItem } from "./queue-item.ts";
import type { UploadItem } from "./upload-item.ts";

/**
 * For tabs that watch `ref`, `order` and `options` too: where the one that leads dies, they ask for the same upload, and not for
 * another, and they write its row where its file is given again there; `mustEnd`: who signs out there waits for it; and `isDismissed`: nobody
 * sees it there.
 */
const shownMembers = [
  ...commonMembers,
  "ref",
  "order",
  "options",
  "mustEnd",
  "isDismissed",
  "source",
  "group",
  "sentBytes",
  "fraction",
  "file",
] as const;

type Shown<Source extends FileSource> = Pick<QueueItem<Source>, (typeof shownMembers)[number]>;

export interface ShownItems<Source extends FileSource> {
  /** Items without what only the queue knows of them: the same where they look the same as before, one or all. */
  show(items: readonly QueueItem<Source>[]): readonly Shown<Source>[];
  /** As it was shown last; `undefined` where it is not there, or is dismissed. */
  get(id: string): UploadItem<Source> | undefined;
}

export function createShownItems<Source extends FileSource>(): ShownItems<Source> {
  let before: readonly QueueItem<Source>[] = [];
  let shown: readonly Shown<Source>[] = [];
  const known = new Map<string, Shown<Source>>();
  const look = (item: QueueItem<Source>): Shown<Source> => {
    const last = known.get(item.id);
    if (last && shownMembers.every((member) => last[member] === item[member])) return last;
    const next = pick(item, shownMembers);
    known.set(item.id, next);
    return next;
  };
  return {
    show(items) {
      const now = items.map((item, index) =>
        item === before[index] ? (shown[index] as Shown<Source>) : look(item),
      );
      before = items;
      if (now.length === shown.length && now.every((item, index) => item === shown[index])) return shown;
      shown = now;
      if (known.size > now.length) {
        known.clear();
        for (const item of now) known.set(item.id, item);
      }
      return now;
    },
    get(id) {
      const item = known.get(id);
      return item?.isDismissed ? undefined : item;
    },
  };
}
