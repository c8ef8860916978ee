import type { FileSource } from "../ports.ts";
import type { Progress } from "../progress.ts";
import type { QueueRow } from "./queue-store.ts";
import { hasEnded, type UploadItem, type UploadProblem } from "./upload-item.ts";
import type { AddOptions } from "./upload-queue.ts";

/** What a queue knows of an item beside what it shows. */
export interface QueueItem<Source extends FileSource> extends UploadItem<Source> {
  readonly ref: string;
  readonly order: number;
  readonly options: AddOptions;
  /** Once it is known: a file that goes in parts has none before its verdict. */
  readonly sha256?: string | undefined;
  /** What looks like the same file has become ready under that ref while this one was not hashed yet. */
  readonly sameAs?: QueueRow["sameAs"] | undefined;
  /** Of `sentBytes`: what is there whatever happens now. */
  readonly confirmedBytes?: number | undefined;
  /** The try that is under way; what comes from another is late, and changes nothing. */
  readonly run?: number | undefined;
  readonly stage?: Progress["stage"] | undefined;
  /** The run stands still until it tries again by itself. */
  readonly isPausing?: boolean;
  /** It was cancelled, and the server has yet to be told. */
  readonly mustEnd?: boolean;
  /** A person has taken it off the list before the server was told: nobody is shown it. */
  readonly isDismissed?: boolean;
  /** It is to be sent again, under this ref, once the server knows that it was cancelled. */
  readonly nextRef?: string | undefined;
  /** Its file was given again, and may be another than the one that its ref was first used for. */
  readonly isAttached?: boolean;
  /** How it ended is to be asked of the server, if that knows it, before anything is sent. */
  readonly mustAsk?: boolean;
  /** Another program that leads knows of it, or this one has led since it was added. */
  readonly isTold?: boolean;
  /** The item that has the same file: this one follows it. */
  readonly twinOf?: string | undefined;
}

/** The same for what looks like the same file, sent in the same way. */
export const likeness = ({ name, sizeBytes }: Pick<FileSource, "name" | "sizeBytes">, options: AddOptions) =>
  JSON.stringify([name, sizeBytes, options]);

/** They look like the same file, sent in the same way. */
export const isAlike = (one: QueueItem<FileSource>, other: QueueItem<FileSource>): boolean =>
  likeness(one, one.options) === likeness(other, other.options);

const fileNeeded: UploadProblem = {
  code: "file-needed",
  detail: "Its bytes are no longer on this device. Add it again.",
};

export const withoutFile = <Source extends FileSource>(item: QueueItem<Source>): QueueItem<Source> => ({
  ...stopped(item),
  source: undefined,
  isKept: false,
  state: "needs-file",
  problem: fileNeeded,
});

/** It goes on once its person wants it to, or gives the file again. */
export const isStill = ({ state }: Pick<UploadItem, "state">): boolean =>
  state === "paused" || state === "needs-file";

/** This program has its bytes, and no other can have them: they are not kept, or not yet. */
export const isHeldHere = <Source extends FileSource>(item: QueueItem<Source>): boolean =>
  item.source !== undefined && !item.isKept && !hasEnded(item);

/** The program that leads does with it what a person wants: it knows of it, or is about to. */
export const isTheirs = <Source extends FileSource>(
  item: QueueItem<Source>,
  { isLeading }: { readonly isLeading: boolean },
): boolean => !isLeading && !isHeldHere(item) && (item.isTold ?? item.isKept);

/** It was cancelled, and the server has yet to be told, or to say that it is there. */
export const isEnding = ({ mustEnd, run }: Pick<QueueItem<FileSource>, "mustEnd" | "run">): boolean =>
  mustEnd === true || run !== undefined;

/** The item with no try under way. */
export const stopped = <Source extends FileSource>(item: QueueItem<Source>): QueueItem<Source> => ({
  ...item,
  run: undefined,
  stage: undefined,
  isPausing: false,
});

/** What rows have of an item as well as those to whom it is shown. */
export const commonMembers = [
  "id",
  "name",
  "sizeBytes",
  "contentType",
  "state",
  "isKept",
  "canRetry",
  "problem",
  "uploadId",
  "fileId",
] as const;

const rowMembers = [
  ...commonMembers,
  "ref",
  "order",
  "options",
  "sha256",
  "sameAs",
  "confirmedBytes",
  "mustEnd",
  "isDismissed",
  "isAttached",
] as const;

/** These members of an item, those that are there. */
export const pick = <Item extends object, Name extends keyof Item>(
  item: Item,
  names: readonly Name[],
): Pick<Item, Name> =>
  Object.fromEntries(names.flatMap((name) => (item[name] === undefined ? [] : [[name, item[name]]]))) as Pick<
    Item,
    Name
  >;

/** So much has gone out. All of it is said to have only once all is confirmed: what is on its way may yet stand still. */
export const sent = ({ sizeBytes }: Pick<QueueRow, "sizeBytes">, bytes: number, confirmedBytes = 0) => {
  const sentBytes = Math.min(sizeBytes, Math.max(bytes, confirmedBytes));
  return {
    sentBytes,
    confirmedBytes,
    fraction: confirmedBytes === sizeBytes ? 1 : Math.min(0.99, sentBytes / sizeBytes),
  };
};

export const rowOf = <Source extends FileSource>(item: QueueItem<Source>): QueueRow =>
  pick(
    item.state === "paused" || hasEnded(item) ? item : { ...item, state: "saved", problem: undefined },
    rowMembers,
  ) as QueueRow;

/** What a row says, with what this program has of the file. */
export function itemOf<Source extends FileSource>(
  row: QueueRow,
  known: QueueItem<Source> | undefined,
): QueueItem<Source> {
  const isThere = row.state === "ready";
  // It may have been kept while the rows were read.
  const isKept = row.isKept || (!hasEnded(row) && known?.isKept === true);
  const item: QueueItem<Source> = {
    ...row,
    isKept,
    group: row.options.group,
    source: known?.source,
    ...(known?.file && { file: known.file }),
    ...sent(row, known?.sentBytes ?? 0, isThere ? row.sizeBytes : row.confirmedBytes),
  };
  // What may have arrived is asked of the server first.
  const isLost = row.state === "saved" && !(isKept || item.source || row.uploadId !== undefined);
  return isLost ? withoutFile(item) : item;
}
