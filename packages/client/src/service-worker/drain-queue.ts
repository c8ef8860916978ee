import type { BlobSource } from "../browser/blob-source.ts";
import type { AbortSignalLike } from "../ports.ts";
import { describeFailure } from "../queue/describe-failure.ts";
import type { QueueRow, QueueStore } from "../queue/queue-store.ts";
import type { Uploader } from "../uploader.ts";

/** What has ended, and what could not be sent now. */
export interface Drained {
  readonly sent: QueueRow[];
  readonly failed: QueueRow[];
  /** Something waits for the network. */
  isWaiting: boolean;
}

/** As many files as share requests, and no more than a worker that may be ended at any time should begin. */
const filesAtOnce = 20;

/** Whoever sends by their own sign-in may be allowed what a token is not: it is theirs to be told no. */
const notForTokens: ReadonlySet<string> = new Set(["insufficient-scope", "forbidden", "not-found"]);

/**
 * Sends all that is kept and unsent, small files first, until nothing can be done any more or the signal is aborted. What ends is
 * written for its person to see; what can't be sent now stays as it is.
 */
export async function drainQueue(
  { upload }: Pick<Uploader<BlobSource>, "upload">,
  store: QueueStore<BlobSource>,
  signal: AbortSignalLike,
): Promise<Drained> {
  const drained: Drained = { sent: [], failed: [], isWaiting: false };
  const seen = new Set<string>();
  /** The same file twice is one upload: the second waits for the first. */
  const firsts = new Map<string, { readonly ref: string; readonly ended: Promise<void> }>();

  const send = async (row: QueueRow): Promise<void> => {
    let now = row;
    const write = (more: Partial<QueueRow>) => {
      now = { ...now, ...more };
      return store.write([now]);
    };
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    try {
      const source = await store.source(row);
      // The page that is opened next says so.
      if (!source) return;
      const { upload: done } = await upload(source, {
        ...row.options,
        signal,
        sha256: row.sha256,
        async ref(_, sha256) {
          if (sha256 === undefined) return row.ref;
          const same = JSON.stringify([row.name, row.options, sha256]);
          const first = firsts.get(same);
          if (!first) firsts.set(same, { ref: row.ref, ended });
          await first?.ended;
          // Under the other's ref it is the same upload to the server too, whoever goes on with it.
          const { ref } = first ?? row;
          await write({ sha256, ref });
          return ref;
        },
        onCreated: ({ id }) => write({ uploadId: id }),
      });
      const { rejection, fileId } = done;
      await write(
        rejection
          ? { state: "rejected", problem: rejection, isKept: false }
          : { state: "ready", ...(fileId !== undefined && { fileId }) },
      );
      await store.release([row.id]);
      drained[rejection ? "failed" : "sent"].push(now);
    } catch (error) {
      if (signal.aborted) return;
      const { problem, waitsFor, canRetry } = describeFailure(error, row.name);
      if (waitsFor === "network") drained.isWaiting = true;
      else if (!waitsFor && !notForTokens.has(problem.code)) {
        await write({ state: "failed", problem, canRetry });
        drained.failed.push(now);
      }
    } finally {
      end();
    }
  };

  for (;;) {
    const rows = (await store.load()).filter(
      ({ id, state, isKept }) => state === "saved" && isKept && !seen.has(id),
    );
    if (rows.length === 0 || signal.aborted) return drained;
    rows.sort((one, other) => one.sizeBytes - other.sizeBytes);
    for (const { id } of rows) seen.add(id);
    const work = async () => {
      for (let row = rows.shift(); row && !signal.aborted; row = rows.shift()) await send(row);
    };
    await Promise.all(Array.from({ length: filesAtOnce }, work));
  }
}
