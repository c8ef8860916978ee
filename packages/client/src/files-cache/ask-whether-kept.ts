import type { File } from "@stowage/protocol";
import { createBatch } from "../batch.ts";
import { AbortedError, ClientError, NotSignedInError, ProblemError } from "../errors.ts";
import type { AbortControllerLike, Platform } from "../ports.ts";
import { type AskFiles, maxFilesPerQuestion } from "./ask-files.ts";
import { decideKept } from "./decide-kept.ts";
import type { FileCacheOptions } from "./file-cache.ts";
import type { JudgeKept } from "./judge-kept.ts";
import type { KeptRow } from "./kept-row.ts";

export interface WhetherKeptNeeds
  extends Pick<FileCacheOptions<unknown>, "contact">,
    Pick<Platform, "clock" | "abortController"> {
  readonly askFiles: AskFiles;
  readonly judge: JudgeKept;
}

export interface AskWhetherKept {
  /** Asks after files, however many, and removes what may not stay. What can't be asked is as it was. */
  askAll(fileIds: Iterable<string>): Promise<void>;
  /** Whether a kept file may be shown. Asks the server, for at most 1.5 s, where it was not asked in the last 2 s. */
  mayShow(row: KeptRow): Promise<boolean>;
  /** Forgets what was learned: network, page or person may be others now. What waits for its next try goes at once. */
  renew(): void;
  isRefused(): boolean;
  close(): void;
}

/** How long an answer holds for showing the same file again. */
const answerHoldsMs = 2_000;

/** How long showing something waits for the server before it is shown as offline. */
const askFirstMs = 1_500;

export function createAskWhetherKept(needs: WhetherKeptNeeds): AskWhetherKept {
  const { contact, clock, abortController, askFiles, judge } = needs;
  const answers = new Map<string, { readonly atMs: number; readonly file: File | undefined }>();
  /** `silent`: it was asked in vain, and what is kept is shown as offline until it answers; `refused`: it does not take who asks. */
  let server: "unknown" | "answering" | "silent" | "refused" = "unknown";
  let round: AbortControllerLike = abortController();
  let isClosed = false;

  /** Of at most 100 files. Rejects where nothing can be said. */
  const askOnce = async (ids: readonly string[]): Promise<ReadonlyMap<string, File>> => {
    const atMs = clock.nowMs();
    const { signal } = round;
    const isSilent = () => {
      if (!signal.aborted && server !== "refused") server = "silent";
    };
    try {
      const files = await askFiles(ids, signal, isSilent);
      server = "answering";
      for (const id of ids) answers.set(id, { atMs, file: files.get(id) });
      if (!isClosed) await judge.apply(ids, files);
      return files;
    } catch (error) {
      isSilent();
      if (isRefusal(error)) {
        server = "refused";
        answers.clear();
        judge.hideAll();
      }
      throw error;
    }
  };
  const askGathered = createBatch(maxFilesPerQuestion, async (ids: string[]) => {
    const files = await askOnce([...new Set(ids)]);
    return ids.map((id) => files.get(id));
  });

  const mayShow = async (row: KeptRow): Promise<boolean> => {
    if (!contact.isOnline() || server === "silent") return true;
    if (server === "refused") return false;
    const known = answers.get(row.fileId);
    if (known && clock.nowMs() - known.atMs < answerHoldsMs) return decideKept(row, known.file) === "allowed";
    const done = abortController();
    const patience = clock.delay(askFirstMs, done.signal).then(
      () => {
        if (server !== "refused") server = "silent";
        return true;
      },
      () => true,
    );
    const answer = askGathered(row.fileId).then(
      (file) => decideKept(row, file) === "allowed",
      // What was asked of another network, or by another person, is asked again.
      (error: unknown) => (error instanceof AbortedError && !isClosed ? mayShow(row) : !isRefusal(error)),
    );
    const may = await Promise.race([answer, patience]);
    done.abort();
    return may;
  };

  return {
    mayShow,
    async askAll(fileIds) {
      const ids = [...fileIds].sort();
      const asked: Promise<unknown>[] = [];
      for (let from = 0; from < ids.length; from += maxFilesPerQuestion)
        asked.push(askOnce(ids.slice(from, from + maxFilesPerQuestion)));
      for (const end of await Promise.allSettled(asked))
        if (end.status === "rejected" && !(end.reason instanceof ClientError)) throw end.reason;
    },
    renew() {
      round.abort();
      round = abortController();
      server = "unknown";
      answers.clear();
    },
    isRefused: () => server === "refused",
    close() {
      isClosed = true;
      round.abort();
    },
  };
}

/** Whether nobody is signed in, or somebody else, or the server does not take who asks: not that it could not be asked. */
const isRefusal = (error: unknown): boolean =>
  error instanceof NotSignedInError ||
  (error instanceof ProblemError && (error.problem.status === 401 || error.problem.status === 403));
