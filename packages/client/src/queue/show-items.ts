import type { FileSource } from "../ports.ts";
import { commonMembers, pick, type QueueItem } from "./queue-item.ts";
import type { UploadItem } from "./upload-item.ts";

/** `ref` too, for tabs that watch: where the one that leads dies, they ask for the same upload, and not for another. */
const shownMembers = [...commonMembers, "ref", "source", "group", "sentBytes", "fraction", "file"] as const;

/** Shows items without what only the queue knows of them; one that looks the same as before is the same object. */
export function createShowItems<Source extends FileSource>(): (
  items: readonly QueueItem<Source>[],
) => readonly UploadItem<Source>[] {
  let before = new Map<
    string,
    readonly [QueueItem<Source>, Pick<QueueItem<Source>, (typeof shownMembers)[number]>]
  >();
  return (items) => {
    const now: typeof before = new Map();
    const shown = items.map((item) => {
      const [known, last] = before.get(item.id) ?? [];
      const next =
        last && (known === item || shownMembers.every((member) => last[member] === item[member]))
          ? last
          : pick(item, shownMembers);
      now.set(item.id, [item, next]);
      return next;
    });
    before = now;
    return shown;
  };
}
