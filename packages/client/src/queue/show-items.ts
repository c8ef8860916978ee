import type { FileSource } from "../ports.ts";
import { commonMembers, pick, type QueueItem } from "./queue-item.ts";
import type { UploadItem } from "./upload-item.ts";

/**
 * For tabs that watch `ref`, `order` and `options` too: where the one that leads dies, they ask for the same upload, and not for
 * another, and they write its row where its file is given again there; and `mustEnd`: who signs out there waits for it.
 */
const shownMembers = [
  ...commonMembers,
  "ref",
  "order",
  "options",
  "mustEnd",
  "source",
  "group",
  "sentBytes",
  "fraction",
  "file",
] as const;

export interface ShownItems<Source extends FileSource> {
  /** Items without what only the queue knows of them: the same where they look the same as before, one or all. */
  show(items: readonly QueueItem<Source>[]): readonly UploadItem<Source>[];
  /** As it was shown last. */
  get(id: string): UploadItem<Source> | undefined;
}

export function createShownItems<Source extends FileSource>(): ShownItems<Source> {
  type Shown = Pick<QueueItem<Source>, (typeof shownMembers)[number]>;
  let before: readonly QueueItem<Source>[] = [];
  let shown: readonly Shown[] = [];
  const known = new Map<string, Shown>();
  const look = (item: QueueItem<Source>): Shown => {
    const last = known.get(item.id);
    if (last && shownMembers.every((member) => last[member] === item[member])) return last;
    const next = pick(item, shownMembers);
    known.set(item.id, next);
    return next;
  };
  return {
    show(items) {
      const now = items.map((item, index) => (item === before[index] ? (shown[index] as Shown) : look(item)));
      before = items;
      if (now.length === shown.length && now.every((item, index) => item === shown[index])) return shown;
      shown = now;
      if (known.size > now.length) {
        known.clear();
        for (const item of now) known.set(item.id, item);
      }
      return now;
    },
    get: (id) => known.get(id),
  };
}
