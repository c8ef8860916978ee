import type { File } from "@stowage/protocol";
import { assertNotAborted } from "../abortable.ts";
import { AbortedError, ClientError } from "../errors.ts";
import type { AbortSignalLike } from "../ports.ts";
import { type AskFiles, maxFilesPerQuestion } from "./ask-files.ts";
import { decideKept } from "./decide-kept.ts";
import { type FetchNeeds, fetchWhole } from "./fetch-whole.ts";
import type { FileCacheOptions, NotKept } from "./file-cache.ts";
import { type KeptRow, keyText } from "./kept-row.ts";
import type { PassingTime } from "./passing-time.ts";

export interface KeepNeeds extends FetchNeeds, Pick<FileCacheOptions<unknown>, "store"> {
  readonly askFiles: AskFiles;
  readonly time: PassingTime;
  readonly ttlMs: number;
  readonly budgetBytes: number;
}

/** What is to be kept: of a file as the server tells it, and so of that version. */
export interface Wish {
  readonly file: File;
  readonly derivative: string;
  /** Where the server tells. */
  readonly contentType?: string | undefined;
  readonly sizeBytes?: number | undefined;
}

/** Fetched at a time: pictures, and one by one what is larger than this, since each is in memory as a whole. */
const lanes = 4;
const largeBytes = 16_000_000;

/** Presigned at a time: their URLs have to last until the last of them is fetched. */
const mintedAhead = 100;

/** Fetches and keeps derivatives of files; answers what could not be kept, in the order asked for. */
export async function keepFiles(
  needs: KeepNeeds,
  ids: readonly string[],
  derivatives: readonly string[],
  signal: AbortSignalLike,
): Promise<NotKept[]> {
  const { askFiles, store, time, budgetBytes } = needs;
  const notKept = new Map<string, NotKept>();
  const refuse = (fileId: string, derivative: string, { code, detail }: Pick<NotKept, "code" | "detail">) => {
    notKept.set(JSON.stringify([fileId, derivative]), { fileId, derivative, code, detail });
  };
  const wanted = [...new Set(ids)];
  const kept = new Map((await store.list()).map((row) => [keyText(row), row]));
  const wishes: Wish[] = [];
  const there: KeptRow[] = [];
  for (let from = 0; from < wanted.length; from += maxFilesPerQuestion) {
    const asked = wanted.slice(from, from + maxFilesPerQuestion);
    const files = await askFiles(asked, signal);
    for (const id of asked)
      for (const derivative of derivatives) {
        const file = files.get(id);
        if (file?.state !== "ready") {
          refuse(id, derivative, nothingThere);
          continue;
        }
        const wish = { file, derivative, ...shapeOf(file, derivative) };
        const row = kept.get(keyText({ fileId: id, derivative, version: file.version }));
        if (row && decideKept(row, file) === "allowed") there.push(row);
        else if ((wish.sizeBytes ?? 0) > budgetBytes) refuse(id, derivative, tooLarge);
        else wishes.push(wish);
      }
  }
  // All that this call keeps counts as read when it began: nothing of it makes room for the rest.
  const readAtMs = time.nowMs();
  await store.touch(there, { readAtMs, checkedAtMs: readAtMs });

  const keepOne = async (wish: Wish, request: Minted): Promise<void> => {
    const { file, derivative } = wish;
    try {
      const fetched = await fetchWhole(needs, wish, request, signal);
      const row = {
        fileId: file.id,
        derivative,
        version: file.version,
        contentType: wish.contentType ?? fetched.contentType,
        sizeBytes: fetched.bytes.length,
        ...(fetched.sha256 !== undefined && { sha256: fetched.sha256 }),
        keptAtMs: time.nowMs(),
        readAtMs,
        checkedAtMs: readAtMs,
        ttlMs: needs.ttlMs,
      };
      assertNotAborted(signal);
      const { outcome } = await store.keep(row, fetched.bytes, budgetBytes, file);
      if (outcome !== "kept") refuse(file.id, derivative, outcome === "no-room" ? noRoom : tooLarge);
    } catch (error) {
      if (!(error instanceof ClientError) || error instanceof AbortedError) throw error;
      refuse(file.id, derivative, { code: error.code, detail: error.message });
    }
  };
  const isLarge = ({ sizeBytes = 0 }: Wish) => sizeBytes > largeBytes;
  await inLanes(
    lanes,
    wishes.filter((wish) => !isLarge(wish)),
    needs,
    signal,
    keepOne,
  );
  await inLanes(1, wishes.filter(isLarge), needs, signal, keepOne);
  return wanted.flatMap((id) =>
    derivatives.flatMap((derivative) => notKept.get(JSON.stringify([id, derivative])) ?? []),
  );
}

type Minted = ReturnType<FetchNeeds["files"]["download"]>;

/** Does the work of so many at a time, and asks for the requests of many at once. */
async function inLanes(
  count: number,
  wishes: readonly Wish[],
  { files }: FetchNeeds,
  signal: AbortSignalLike,
  work: (wish: Wish, request: Minted) => Promise<void>,
): Promise<void> {
  const minted: Minted[] = [];
  let next = 0;
  const lane = async () => {
    while (next < wishes.length) {
      assertNotAborted(signal);
      const index = next;
      next += 1;
      if (minted.length <= index)
        for (const { file, derivative } of wishes.slice(minted.length, index + mintedAhead)) {
          const request = files.download(file.id, { derivative, version: file.version, signal });
          // Whoever comes to it is told; that may be later.
          request.catch(() => undefined);
          minted.push(request);
        }
      const [wish, request] = [wishes[index], minted[index]];
      if (wish && request) await work(wish, request);
    }
  };
  await Promise.all(Array.from({ length: count }, lane));
}

function shapeOf(file: File, derivative: string): Pick<Wish, "contentType" | "sizeBytes"> {
  if (derivative === "original") return file;
  const made = file.derivatives.find(({ name }) => name === derivative);
  return { contentType: made?.contentType, sizeBytes: made?.sizeBytes };
}

const nothingThere = { code: "not-found", detail: "There is nothing here." };
const tooLarge = { code: "too-large", detail: "It is larger than all that may be kept on this device." };
const noRoom = { code: "no-room", detail: "There is no room left for it among what is kept on this device." };
