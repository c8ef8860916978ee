import type { File } from "@stowage/protocol";
import type { FileSource } from "../ports.ts";
import { hasEnded, type UploadItem, type UploadProblem } from "./upload-item.ts";

/** What happens to the items of a queue. What comes from an item's run is for that run only: late words change nothing. */
export type QueueEvent<Source extends FileSource> =
  | { readonly type: "added"; readonly items: readonly { readonly id: string; readonly source: Source }[] }
  | { readonly type: "created"; readonly id: string; readonly uploadId: string }
  | { readonly type: "sending"; readonly id: string; readonly sentBytes: number }
  | { readonly type: "checking"; readonly id: string }
  /** Something failed and is about to be tried again by itself. */
  | { readonly type: "troubled"; readonly id: string; readonly problem: UploadProblem }
  | {
      readonly type: "held-up";
      readonly id: string;
      readonly waitingFor: "network" | "sign-in";
      readonly problem: UploadProblem;
    }
  | { readonly type: "resumed"; readonly id: string }
  | { readonly type: "ready"; readonly id: string; readonly fileId: string; readonly contentType: string }
  | { readonly type: "rejected"; readonly id: string; readonly problem: UploadProblem }
  | {
      readonly type: "failed";
      readonly id: string;
      readonly problem: UploadProblem;
      readonly canRetry: boolean;
    }
  | { readonly type: "cancelled"; readonly id: string }
  | { readonly type: "retried"; readonly id: string }
  | { readonly type: "dismissed"; readonly ids: readonly string[] }
  | { readonly type: "found"; readonly files: readonly File[] };

export type QueueItems<Source extends FileSource> = readonly UploadItem<Source>[];

/** What a queue's items are after an event: the same array where nothing changed. */
export function reduceQueue<Source extends FileSource>(
  items: QueueItems<Source>,
  event: QueueEvent<Source>,
): QueueItems<Source> {
  switch (event.type) {
    case "added":
      return event.items.length > 0 ? [...items, ...event.items.map(begin)] : items;
    case "dismissed": {
      const gone = new Set(event.ids);
      const left = items.filter((item) => !(gone.has(item.id) && hasEnded(item)));
      return left.length < items.length ? left : items;
    }
    case "found": {
      const files = new Map(event.files.map((file) => [file.id, file]));
      return items.some(({ fileId = "" }) => files.has(fileId))
        ? items.map((item) => {
            const file = files.get(item.fileId ?? "");
            return file ? { ...item, file } : item;
          })
        : items;
    }
    default: {
      const index = items.findIndex(({ id }) => id === event.id);
      const item = items[index];
      const next = item && reduceItem(item, event);
      if (!next || next === item) return items;
      const changed = [...items];
      changed[index] = next;
      return changed;
    }
  }
}

const begin = <Source extends FileSource>({
  id,
  source,
}: {
  readonly id: string;
  readonly source: Source;
}): UploadItem<Source> => ({
  id,
  name: source.name,
  sizeBytes: source.sizeBytes,
  contentType: source.contentType,
  source,
  state: "waiting",
  waitingFor: "turn",
  sentBytes: 0,
  fraction: 0,
  canRetry: false,
});

type ItemEvent = Exclude<QueueEvent<FileSource>, { type: "added" | "dismissed" | "found" }>;

function reduceItem<Source extends FileSource>(
  item: UploadItem<Source>,
  event: ItemEvent,
): UploadItem<Source> {
  if (event.type === "retried") return hasEnded(item) && item.canRetry ? begin(item) : item;
  if (hasEnded(item)) return item;
  const { waitingFor, problem, ...rest } = item;
  switch (event.type) {
    case "created":
      return item.uploadId === event.uploadId ? item : { ...item, uploadId: event.uploadId };
    case "sending": {
      const now = sent(item, event.sentBytes);
      return item.state === "sending" && now.sentBytes === item.sentBytes && !problem
        ? item
        : { ...rest, state: "sending", ...now };
    }
    case "checking":
      return { ...rest, state: "checking", ...sent(item, item.sizeBytes) };
    case "troubled":
      return { ...item, problem: event.problem };
    case "held-up":
      return { ...rest, state: "waiting", waitingFor: event.waitingFor, problem: event.problem };
    case "resumed":
      return item.state === "waiting" ? { ...rest, state: "waiting", waitingFor: "turn" } : item;
    case "ready":
      return {
        ...rest,
        state: "ready",
        ...sent(item, item.sizeBytes),
        contentType: event.contentType ?? item.contentType,
        fileId: event.fileId,
      };
    case "rejected":
      return { ...rest, state: "rejected", problem: event.problem, canRetry: false };
    case "failed":
      return { ...rest, state: "failed", problem: event.problem, canRetry: event.canRetry };
    case "cancelled":
      return { ...rest, state: "cancelled", canRetry: true };
  }
}

/** Bytes that were lost are sent again, but the person has seen them go. */
function sent({ sizeBytes, sentBytes }: UploadItem, nowBytes: number) {
  const bytes = Math.min(sizeBytes, Math.max(sentBytes, nowBytes));
  return { sentBytes: bytes, fraction: sizeBytes === 0 ? 1 : bytes / sizeBytes };
}
