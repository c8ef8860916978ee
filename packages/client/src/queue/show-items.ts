import type { FileSource } from "../ports.ts";
import type { QueueItem } from "./queue-item.ts";
import type { UploadItem } from "./upload-item.ts";

const shownMembers = [
  "id",
  "name",
  "sizeBytes",
  "contentType",
  "source",
  "group",
  "state",
  "isKept",
  "sentBytes",
  "fraction",
  "problem",
  "canRetry",
  "uploadId",
  "fileId",
  "file",
] as const;

/** Shows items without what only the queue knows of them; one that looks the same as before is the same object. */
export function createShowItems<Source extends FileSource>(): (
  items: readonly QueueItem<Source>[],
) => readonly UploadItem<Source>[] {
  let before = new Map<string, readonly [QueueItem<Source>, UploadItem<Source>]>();
  return (items) => {
    const now: typeof before = new Map();
    const shown = items.map((item) => {
      const [known, last] = before.get(item.id) ?? [];
      const next =
        last && (known === item || shownMembers.every((member) => last[member] === item[member]))
          ? last
          : (Object.fromEntries(
              shownMembers.flatMap((member) => (item[member] === undefined ? [] : [[member, item[member]]])),
            ) as unknown as UploadItem<Source>);
      now.set(item.id, [item, next]);
      return next;
    });
    before = now;
    return shown;
  };
}
