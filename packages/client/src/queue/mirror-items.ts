import type { FileSource } from "../ports.ts";
import type { Message } from "./hear-programs.ts";
import type { QueueItem } from "./queue-item.ts";
import type { QueueState } from "./queue-state.ts";
import type { UploadItem } from "./upload-item.ts";

/**
 * The items of a program that watches, as the one that leads shows them: all of them, or those alone that look different now.
 *
 * @param isHeldHere - that of queue-item.ts: what this file imported would be loaded by itself, by everybody
 */
export function mirrorItems<Source extends FileSource>(
  { items }: QueueState<Source>,
  message: Extract<Message<Source>, { type: "mirrored" | "changed" }>,
  isHeldHere: (item: QueueItem<Source>) => boolean,
): readonly QueueItem<Source>[] {
  /** As it is shown, by who may not know of the bytes that this program has. */
  const mirrored = (shown: UploadItem, own: QueueItem<Source> | undefined): QueueItem<Source> =>
    own && isHeldHere(own) && unknowing.has(shown.state)
      ? own
      : {
          ...own,
          problem: undefined,
          ...(shown as QueueItem<Source>),
          isTold: true,
          // Nobody tells of files; the options are the same object as before.
          ...(own && { source: own.source, options: own.options }),
        };
  if (message.type === "changed") {
    const changed = new Map(message.items.map((item) => [item.id, item]));
    return items.map((own) => {
      const shown = changed.get(own.id);
      return shown ? mirrored(shown, own) : own;
    });
  }
  const known = new Map(items.map((item) => [item.id, item]));
  const shown = message.items.map((item) => {
    const own = known.get(item.id);
    known.delete(item.id);
    return mirrored(item, own);
  });
  // What this program has just added the other may not know yet; what has failed here it never does.
  return [...shown, ...[...known.values()].filter((item) => isHeldHere(item) || !item.isTold)];
}

const unknowing: ReadonlySet<string> = new Set(["saving", "needs-file", "failed"]);
