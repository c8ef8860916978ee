import type { FileSource } from "../ports.ts";
import type { Progress } from "../progress.ts";
import { describeFailure } from "./describe-failure.ts";
import { mayPass } from "./may-pass.ts";
import type { QueueCommand, QueueEvent } from "./queue-event.ts";
import {
  isAlike,
  isEnding,
  isStill,
  isTheirs,
  type QueueItem,
  rowOf,
  sent,
  stopped,
  withoutFile,
} from "./queue-item.ts";
import { looksOf, type QueueState } from "./queue-state.ts";
import { hasEnded, isHeldUp, type UploadProblem } from "./upload-item.ts";

/** What happens to items one by one. */
export type ItemEvent<Source extends FileSource> = Exclude<
  QueueEvent<Source>,
  { type: "led" | "loaded" | "lost" | "mirrored" | "added" | "dismissed" | "found" | "erased" }
>;

const notKept: UploadProblem = {
  code: "not-kept",
  detail: "This device has no room to keep it: leave this page open until it is sent.",
};

const untried = { problem: undefined, canRetry: false };

/** Whoever has the file brings it to the store. */
const ofItsFile = /kept|attached/;

/** The store is told of it, too. */
export function written<Source extends FileSource>(
  item: QueueItem<Source>,
  commands: QueueCommand[],
): QueueItem<Source> {
  commands.push({ type: "write", rows: [rowOf(item)] });
  return item;
}

/** What an item is after an event: the same object where it does not concern it. */
export function decideItem<Source extends FileSource>(
  item: QueueItem<Source>,
  event: ItemEvent<Source>,
  queue: QueueState<Source>,
  commands: QueueCommand[],
): QueueItem<Source> {
  const { id, state, run } = item;
  const stop = () => {
    if (run !== undefined) commands.push({ type: "stop", id, run });
  };
  const write = (next: QueueItem<Source>) => written(next, commands);
  const begin = (next: QueueItem<Source>): QueueItem<Source> =>
    write({ ...next, ...untried, state: "saved", twinOf: undefined });

  const others = () =>
    queue.looks.get(looksOf(item)) === 1
      ? []
      : queue.items.filter((other) => other !== item && !hasEnded(other));

  if ("run" in event ? event.run !== run : !ofItsFile.test(event.type) && isTheirs(item, queue)) return item;
  // Whatever it is that happens, the server may be there by now.
  if (item.mustEnd && item.uploadId && event.type !== "told")
    commands.push({ type: "end", id, uploadId: item.uploadId });
  switch (event.type) {
    case "kept": {
      if (hasEnded(item)) return forget(item, commands);
      const kept = { ...item, isKept: event.isKept };
      return write(state === "saving" ? { ...kept, state: "saved" } : kept);
    }
    case "not-kept":
      if (hasEnded(item)) return item;
      if (event.isFinal) {
        // Too late: it may be ready soon, and would be added once more.
        if (run !== undefined && item.uploadId !== undefined) return item;
        stop();
        commands.push({ type: "erase", ids: [id] });
        const { problem, canRetry } = describeFailure(event.error, item.name);
        return { ...stopped(item), state: "failed", problem, canRetry };
      }
      return { ...item, problem: notKept, ...(state === "saving" && { state: "saved" as const }) };
    case "progress":
      return advance(item, event.progress, commands, write, stop);
    case "hashed": {
      const { sha256 } = event;
      const near = others();
      const same = near.filter(
        (other) => other.sha256 === sha256 && other.twinOf === undefined && isAlike(other, item),
      );
      const first = same.find((other) => !isStill(other));
      const still = same.find((other) => !other.isAttached);
      const there = item.sameAs?.sha256 === sha256 ? item.sameAs : item;
      const { ref, uploadId } = first ?? still ?? there;
      if (!first && ref === item.ref) {
        const hashed = { ...item, sha256 };
        // The server may create it, and this program die before it knows: the other is to follow it then, not the other way round.
        return near.length > 0 ? write(hashed) : hashed;
      }
      stop();
      // Under the other's ref it is the same upload to the server too, should this program die before both have ended.
      return write({ ...stopped(item), state: "saved", sha256, ref, uploadId, twinOf: first?.id });
    }
    case "ended": {
      return hasEnded(item)
        ? item
        : endAs(item, { ...event.upload, problem: event.upload.rejection }, commands);
    }
    case "broken": {
      if (hasEnded(item)) return endCancelled(stopped(item), commands);
      const { problem, waitsFor, canRetry } = describeFailure(event.error, item.name);
      const idle = { ...stopped(item), problem };
      // The ref is that of another file of the same name and size: this one goes as an upload of its own.
      if (item.isAttached && problem.code === "ref-reused")
        return begin({ ...idle, ref: `${item.ref}+`, uploadId: undefined, isAttached: false });
      if (waitsFor) return { ...idle, state: `waiting-for-${waitsFor}` };
      return write({ ...idle, state: "failed", canRetry });
    }
    case "without-file":
      return withoutFile(item);
    case "woken":
      if (event.isBack && item.isPausing && !hasEnded(item)) {
        stop();
        return { ...stopped(item), state: "saved" };
      }
      return isHeldUp(item) ? { ...item, state: "saved" } : item;
    case "signed-in":
      return isHeldUp(item) ? { ...item, state: "saved", problem: undefined } : item;
    case "paused":
      if (hasEnded(item) || isStill(item) || state === "checking") return item;
      stop();
      return write({ ...stopped(item), state: "paused", problem: undefined });
    case "resumed":
      return state === "paused" ? begin(item) : item;
    case "cancelled": {
      // Not even if it was to be sent again.
      if (hasEnded(item)) return item.nextRef === undefined ? item : { ...item, nextRef: undefined };
      // Under the same ref the server has one upload: it is the other's now.
      const isShared = others().some((other) => other.ref === item.ref && !event.ids.includes(other.id));
      const { uploadId, stage }: Partial<QueueItem<Source>> = isShared ? {} : item;
      const cancelled: QueueItem<Source> = {
        ...item,
        state: "cancelled",
        problem: undefined,
        canRetry: !uploadId && item.source !== undefined,
        isKept: false,
        mustEnd: !!uploadId,
      };
      if (uploadId) {
        stop();
        const told = write(stopped(cancelled));
        commands.push({ type: "release", ids: [id] }, { type: "end", id, uploadId });
        return told;
      }
      // What is just being created is ended once it is known.
      if (stage === "creating") return write({ ...cancelled, canRetry: false });
      stop();
      return endCancelled(stopped(cancelled), commands);
    }
    case "told":
      // Not before: what was sent again while the server still has the other would be there twice.
      return item.mustEnd ? endCancelled({ ...item, mustEnd: false }, commands) : item;
    case "retried": {
      if (item.isDismissed || (event.isAll && state === "cancelled")) return item;
      if (!hasEnded(item)) return isHeldUp(item) ? { ...item, state: "saved" } : item;
      if (isEnding(item)) return { ...item, nextRef: event.newRef };
      if (!item.canRetry) return item;
      const isNew = state === "cancelled" || state === "rejected" || item.problem?.code === "ref-reused";
      // Of the same file twice both have been rejected, and are one upload again.
      const ref = state === "rejected" ? `${item.ref}+` : event.newRef;
      return sendAgain(isNew ? { ...item, ref, uploadId: undefined } : item, commands);
    }
    case "attached":
      return state === "needs-file" || state === "failed"
        ? keepAgain({ ...stopped(item), source: event.source, isAttached: true }, commands)
        : item;
    default:
      return item;
  }
}

/** The server has told what has become of it. */
export function endAs<Source extends FileSource>(
  item: QueueItem<Source>,
  {
    problem,
    fileId,
    contentType = item.contentType,
  }: Partial<Pick<QueueItem<Source>, "problem" | "fileId" | "contentType">>,
  commands: QueueCommand[],
): QueueItem<Source> {
  const { id } = item;
  const done = { ...stopped(item), ...sent(item, 0, item.sizeBytes), contentType };
  if (problem) {
    const canRetry = mayPass(problem);
    // It may be the only copy.
    if (!canRetry) commands.push({ type: "release", ids: [id] });
    const isKept = canRetry && item.isKept;
    return written({ ...done, state: "rejected", problem, canRetry, isKept }, commands);
  }
  commands.push({ type: "erase", ids: [id] });
  // Of what is sealed nothing more is told.
  if (fileId) commands.push({ type: "find", fileId });
  return { ...done, state: "ready", problem: undefined, fileId };
}

/** Its bytes are brought to the store anew; its row may have gone. */
function keepAgain<Source extends FileSource>(
  item: QueueItem<Source>,
  commands: QueueCommand[],
): QueueItem<Source> {
  const again: QueueItem<Source> = {
    ...item,
    ...untried,
    state: "saving",
    isKept: false,
    sha256: undefined,
  };
  written(again, commands);
  commands.push({ type: "keep", ids: [item.id] });
  return again;
}

function sendAgain<Source extends FileSource>(
  item: QueueItem<Source>,
  commands: QueueCommand[],
): QueueItem<Source> {
  const again = { ...stopped(item), ...sent(item, 0), twinOf: undefined, mustAsk: false };
  if (!item.isKept) return item.source ? keepAgain(again, commands) : written(withoutFile(again), commands);
  return written({ ...again, ...untried, state: "saved" }, commands);
}

/**
 * The server knows nothing of it any more: only now may it be sent again, or it could be there twice. Whoever has asked
 * for that meanwhile is heard.
 */
function endCancelled<Source extends FileSource>(
  item: QueueItem<Source>,
  commands: QueueCommand[],
): QueueItem<Source> {
  const { nextRef, ...ended } = forget({ ...item, canRetry: item.source !== undefined }, commands);
  return nextRef !== undefined && ended.canRetry
    ? sendAgain({ ...ended, ref: nextRef, uploadId: undefined }, commands)
    : ended;
}

/** Nothing of it need outlive the program. */
function forget<Source extends FileSource>(
  item: QueueItem<Source>,
  commands: QueueCommand[],
): QueueItem<Source> {
  if (item.state === "cancelled") commands.push({ type: "erase", ids: [item.id] });
  return item;
}

function advance<Source extends FileSource>(
  item: QueueItem<Source>,
  { stage, uploadId, doneBytes, confirmedBytes = 0, retry }: Progress,
  commands: QueueCommand[],
  write: (next: QueueItem<Source>) => QueueItem<Source>,
  stop: () => void,
): QueueItem<Source> {
  const { id } = item;
  if (uploadId && uploadId !== item.uploadId) {
    const created = write({ ...item, stage, uploadId });
    if (item.state !== "cancelled") return created;
    stop();
    commands.push({ type: "end", id, uploadId });
    return write({ ...stopped(created), mustEnd: true, canRetry: false });
  }
  if (hasEnded(item)) return item;
  if (retry)
    return { ...item, stage, isPausing: true, problem: describeFailure(retry.error, item.name).problem };
  const isSent = stage === "checking";
  if (stage !== "sending" && !isSent)
    return item.stage === stage ? item : { ...item, stage, isPausing: false };
  const { problem, confirmedBytes: before = 0 } = item;
  // Bytes that were lost are sent again, but the person has seen them go.
  const bytes = sent(
    item,
    Math.max(item.sentBytes, doneBytes),
    isSent ? item.sizeBytes : Math.max(before, confirmedBytes),
  );
  const isSame = item.stage === stage && !item.isPausing && item.state === stage;
  const isFurther = bytes.confirmedBytes > before;
  if (isSame && !isFurther && item.sentBytes === bytes.sentBytes) return item;
  const next: QueueItem<Source> = {
    ...item,
    ...bytes,
    stage,
    state: stage,
    isPausing: false,
    problem: problem === notKept ? problem : undefined,
  };
  return isFurther ? write(next) : next;
}
