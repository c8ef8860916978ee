import type { Upload } from "@stowage/protocol";
import { AbortedError } from "../errors.ts";
import type { AbortSignalLike, FileSource } from "../ports.ts";
import { mayPass as isPassing } from "../queue/may-pass.ts";
import type { QueueRow } from "../queue/queue-store.ts";
import type { LeftQueue } from "./left-queue.ts";
import { createSendBatch, mayPass } from "./send-batch.ts";
import { createWorkerRequests, type WorkerPlatform } from "./worker-requests.ts";

/** What has ended, and what could not be sent now. */
export interface Drained {
  readonly sent: QueueRow[];
  readonly failed: QueueRow[];
  /** Something waits for the network, or for others to end. */
  isWaiting: boolean;
}

/** As many files as share requests, and no more bytes than a worker that may be ended at any time should begin. */
const batchFiles = 100;
const batchBytes = 20_000_000;

/** As many are asked after in one request. */
const maxIdsPerPoll = 100;
const pollMs = 1000;

/** Of the file itself: whoever sends it is told the same. What else is the matter the page says. */
const hopeless: ReadonlySet<string> = new Set(["file-too-large", "type-not-allowed", "validation-failed"]);

/** To put something in a file's place a worker's token can't; what was given again is for who compares it with what has arrived. */
const isUnsent = ({ state, isKept, options, isAttached }: QueueRow): boolean =>
  state === "saved" && isKept && !options.replaces && !isAttached;

const isToEnd = ({ mustEnd, uploadId }: QueueRow): boolean => mustEnd === true && uploadId !== undefined;

/** Whether a worker has something to do with it. */
export const isLeft = (row: QueueRow): boolean => isUnsent(row) || isToEnd(row);

/**
 * Sends all that is kept and unsent, small files first, until nothing can be done any more or the lead is lost; and ends on the server
 * what was cancelled. What has ended is written for its person to see; what can't be sent now, or is not for a worker to decide, stays as
 * it is.
 */
export async function drainQueue<Source extends FileSource>(
  platform: WorkerPlatform<Source>,
  store: LeftQueue<Source>,
  lost: AbortSignalLike,
): Promise<Drained> {
  const drained: Drained = { sent: [], failed: [], isWaiting: false };
  const requests = createWorkerRequests(platform, lost, () => {
    drained.isWaiting = true;
  });
  const { ask, rest, assertLeading } = requests;
  const seen = new Set<string>();
  /** They may be tried again once something else has ended. */
  const held: string[] = [];
  /** By upload, whose bytes are there: its rows, several of the same file. */
  const checking = new Map<string, readonly QueueRow[]>();

  const write = async (rows: readonly QueueRow[], more: Partial<QueueRow> = {}) => {
    assertLeading();
    const written = rows.map((row) => ({ ...row, ...more }));
    await store.write(written);
    return written;
  };
  const note = async ({ id, state, fileId, rejection }: Upload, added: readonly QueueRow[] = []) => {
    const rows = [...(checking.get(id) ?? []), ...added];
    checking.delete(id);
    const canRetry = isPassing(rejection);
    if (state === "ready") drained.sent.push(...(await write(rows, { state, fileId })));
    else if (state === "rejected") {
      const problem = rejection && { problem: rejection };
      drained.failed.push(...(await write(rows, { state, canRetry, isKept: canRetry, ...problem })));
    } else {
      if (state !== "aborted") checking.set(id, rows);
      return;
    }
    if (!canRetry) await store.release(rows.map((row) => row.id));
    for (const heldId of held.splice(0)) seen.delete(heldId);
  };
  const poll = async () => {
    const ids = [...checking.keys()].slice(0, maxIdsPerPoll);
    const { items = [] } = await ask<Upload>("GET", `?ids=${encodeURIComponent(ids.join())}`, "items");
    const told = new Map(items.map((upload) => [upload.id, upload]));
    for (const id of ids) {
      const upload = told.get(id);
      if (upload) await note(upload);
      else checking.delete(id);
    }
  };
  const sendBatch = createSendBatch(requests, platform.sha256, store, {
    write,
    note,
    async refused(rows, problem) {
      const { code, detail } = problem;
      if (mayPass(problem)) held.push(...rows.map(({ id }) => id));
      else if (hopeless.has(code))
        drained.failed.push(...(await write(rows, { state: "failed", problem: { code, detail } })));
    },
  });

  try {
    for (const row of await store.load()) {
      // What has arrived is no more to be ended: its file goes into the trash, which a worker's token can't.
      if (!isToEnd(row) || !(await ask("DELETE", `/${row.uploadId}`, "upload")).upload) continue;
      assertLeading();
      await store.erase([row.id]);
    }
    for (;;) {
      const batch = batchOf((await store.load()).filter((row) => isUnsent(row) && !seen.has(row.id)));
      for (const { id } of batch) seen.add(id);
      if (batch.length > 0) await sendBatch(batch);
      else if (checking.size > 0) await rest(pollMs);
      else break;
      if (checking.size > 0) await poll();
    }
    drained.isWaiting = held.length > 0;
  } catch (error) {
    if (!(error instanceof AbortedError)) throw error;
  }
  return drained;
}

/** Those that go next: small ones first, and what may be the same file together. */
function batchOf(rows: QueueRow[]): readonly QueueRow[] {
  rows.sort((one, other) => one.sizeBytes - other.sizeBytes || one.name.localeCompare(other.name));
  const batch: QueueRow[] = [];
  let bytes = 0;
  for (const row of rows) {
    const last = batch.at(-1);
    bytes += row.sizeBytes;
    const isFull = batch.length >= batchFiles || bytes > batchBytes;
    if (last && isFull && (last.sizeBytes !== row.sizeBytes || last.name !== row.name)) break;
    batch.push(row);
  }
  return batch;
}
