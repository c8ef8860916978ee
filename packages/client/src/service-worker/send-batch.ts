import type { FileIntent, Problem, Upload } from "@stowage/protocol";
import { singlePutLimitBytes } from "../decide-transfer.ts";
import { AbortedError } from "../errors.ts";
import type { FileSource } from "../ports.ts";
import type { QueueRow } from "../queue/queue-store.ts";
import { fewAtOnce } from "./few-at-once.ts";
import type { LeftQueue } from "./left-queue.ts";
import { createSendUpload } from "./send-upload.ts";
import type { WorkerPlatform, WorkerRequests } from "./worker-requests.ts";

type ItemProblem = Pick<Problem, "code" | "detail" | "status">;

/** How the API answers one item of many. */
interface ItemAnswer {
  readonly upload?: Upload;
  readonly problem?: ItemProblem;
}

export const mayPass = ({ status }: ItemProblem): boolean => status === 429 || status >= 500;

/** What becomes of rows; several are of the same file. */
interface Outcomes {
  write(rows: readonly QueueRow[]): Promise<unknown>;
  /** The API has said where their upload stands. */
  note(upload: Upload, rows: readonly QueueRow[]): Promise<unknown>;
  /** The API has said that there is none. */
  refused(rows: readonly QueueRow[], problem: ItemProblem): Promise<unknown>;
}

interface Sending<Source> {
  readonly rows: readonly QueueRow[];
  readonly source: Source;
  readonly upload: Upload;
}

/**
 * How a worker sends several files: creates them together, sends their bytes a few at a time, and completes them together. What is not for
 * it to decide is left as it is.
 *
 * @returns a function that throws AbortedError
 */
export function createSendBatch<Source extends FileSource>(
  requests: WorkerRequests<Source>,
  sha256Of: WorkerPlatform<Source>["sha256"],
  store: Pick<LeftQueue<Source>, "source">,
  { write, note, refused }: Outcomes,
) {
  const { ask, pause, assertLeading } = requests;
  const send = createSendUpload(requests, sha256Of);
  /** By what makes a file the same: the same file twice is one upload, also to whoever goes on with it. */
  const refs = new Map<string, string>();

  const create = async (files: readonly FileIntent[]): Promise<readonly ItemAnswer[]> => {
    const { items, ...problem } = await ask<ItemAnswer>("POST", "", "items", { files });
    if (items) return items;
    // One that is malformed fails its whole request.
    if (problem.code !== "validation-failed" || files.length === 1)
      return files.map(() => ({ problem: problem as ItemProblem }));
    const answers: ItemAnswer[] = [];
    for (const file of files) answers.push(...(await create([file])));
    return answers;
  };

  /** Reads what is to be announced of them; rows of the same file are one. */
  const prepare = async (batch: readonly QueueRow[]) => {
    const files = new Map<string, { rows: QueueRow[]; source: Source; intent: FileIntent }>();
    const prepareOne = async (row: QueueRow): Promise<void> => {
      const { name, sizeBytes, options } = row;
      const source = await store.source(row);
      if (!source) return;
      const { contentType } = source;
      const sha256 = sizeBytes > singlePutLimitBytes ? undefined : (row.sha256 ?? (await sha256Of(source)));
      const same = sha256 && JSON.stringify([name, options, sha256]);
      const ref = refs.get(same ?? "") ?? row.ref;
      if (same) refs.set(same, ref);
      const { profile, metadata, albumId } = options;
      const intent: FileIntent = { ref, name, sizeBytes, contentType, sha256, profile, metadata, albumId };
      const file = files.get(ref) ?? { rows: [], source, intent };
      file.rows.push({ ...row, ref, ...(sha256 !== undefined && { sha256 }) });
      files.set(ref, file);
    };
    for (const row of batch) {
      assertLeading();
      // Of one that can't be read the page that is opened next says so.
      await prepareOne(row).catch(() => undefined);
    }
    return [...files.values()];
  };

  const sendAll = async (batch: readonly QueueRow[]): Promise<void> => {
    const files = await prepare(batch);
    if (!files[0]) return;
    const answers = await create(files.map(({ intent }) => intent));
    const created: Sending<Source>[] = [];
    for (const [index, { rows, source }] of files.entries()) {
      const { upload, problem } = answers[index] ?? {};
      if (problem) await refused(rows, problem);
      if (upload)
        created.push({ source, upload, rows: rows.map((row) => ({ ...row, uploadId: upload.id })) });
    }
    // Before a byte goes, so that what a person gives up is known to be begun.
    await write(created.flatMap(({ rows }) => rows));
    let sending = created.filter(({ upload }) => upload.state === "pending");
    for (const { upload, rows } of created) if (upload.state !== "pending") await note(upload, rows);
    for (let repeat = 0; sending.length > 0; repeat += 1) {
      if (repeat > 0) await pause(repeat);
      const sent: Sending<Source>[] = [];
      await fewAtOnce(sending, async (one) => {
        try {
          await send(one.source, one.upload, repeat === 0);
          sent.push(one);
        } catch (error) {
          if (error instanceof AbortedError) throw error;
        }
      });
      sending = [];
      if (sent[0]) {
        const ids = sent.map(({ upload }) => upload.id);
        const { items = [] } = await ask<ItemAnswer>("POST", "/complete", "items", { ids });
        for (const [index, one] of sent.entries()) {
          const { upload, problem } = items[index] ?? {};
          if (upload) await note(upload, one.rows);
          else if (problem && (mayPass(problem) || problem.code.endsWith("-missing"))) sending.push(one);
        }
      }
    }
  };

  return async (batch: readonly QueueRow[]): Promise<void> => {
    try {
      await sendAll(batch);
    } catch (error) {
      if (error instanceof AbortedError) throw error;
      // They stay as they are: a page says what is the matter.
    }
  };
}
