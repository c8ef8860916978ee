import type { Part, Upload } from "@stowage/protocol";
import { assertNotAborted } from "./abortable.ts";
import { type AskApi, hasItems } from "./api-request.ts";
import type { Waiting } from "./batch-request.ts";
import { ProblemError } from "./errors.ts";
import { createMintParts } from "./mint-parts.ts";
import type { AbortControllerLike, FileSource } from "./ports.ts";
import { createSendPart, type PartRange, type SendPartNeeds } from "./send-part.ts";
import type { SendSlots } from "./slots.ts";

/** Most missing parts that a completion names: where it names so many, those after the last may be missing too. */
const maxNamedParts = 1000;

export interface SendPartsNeeds<Source extends FileSource> extends SendPartNeeds<Source> {
  readonly askApi: AskApi;
  readonly complete: (id: string, waiting: Waiting) => Promise<Upload>;
  abortController(): AbortControllerLike;
}

export interface SendOptions extends Waiting {
  /**
   * How many of the file's bytes have gone out so far, fewer than before where some were lost; and of a file in parts, how
   * many the store has.
   */
  onSent(sentBytes: number, confirmedBytes?: number): void;
}

/** How a file is cut: parts count from 1, all of one size but the last. */
interface Cut {
  readonly partSizeBytes: number;
  readonly partCount: number;
}

/**
 * Sends a pending multipart's parts until the API says that they are there. What an earlier run has sent is looked up
 * first.
 *
 * @returns the upload, past pending
 * @throws ProblemError (`upload-gone` …), StoreRefusedError, FileChangedError, and what the ports' adapters throw
 */
export async function sendParts<Source extends FileSource>(
  needs: SendPartsNeeds<Source>,
  slots: SendSlots,
  file: Source,
  { id }: Upload,
  cut: Cut,
  options: SendOptions,
): Promise<Upload> {
  const sendRound = createRound(needs, slots, file, id, cut, options);
  let stored = await askParts(needs.askApi, id, options);
  let numbers: readonly number[] = numbersAfter(0, cut);
  for (let repeat = 1; ; repeat += 1) {
    await sendRound(numbers, stored);
    try {
      return await needs.complete(id, options);
    } catch (error) {
      if (!(error instanceof ProblemError) || error.code !== "parts-missing") throw error;
      await needs.retry.pause(error, repeat, options.signal, options.onWait);
      const { missingParts = [] } = error.problem;
      const isCutShort = missingParts.length === 0 || missingParts.length >= maxNamedParts;
      numbers = isCutShort ? [...missingParts, ...numbersAfter(missingParts.at(-1) ?? 0, cut)] : missingParts;
      stored = isCutShort ? await askParts(needs.askApi, id, options) : new Map();
    }
  }
}

/** Sends these parts, several at a time; ends early where the API must be asked what became of the upload. */
function createRound<Source extends FileSource>(
  needs: SendPartsNeeds<Source>,
  { requests, count }: SendSlots,
  file: Source,
  id: string,
  { partSizeBytes }: Cut,
  { signal, onWait, onSent }: SendOptions,
) {
  const sentBytesOf = new Map<number, number>();
  const there = new Set<number>();
  let sentBytes = 0;
  let confirmedBytes = 0;
  const note = ({ partNumber, sizeBytes }: PartRange, bytes: number, isThere: boolean) => {
    sentBytes += bytes - (sentBytesOf.get(partNumber) ?? 0);
    sentBytesOf.set(partNumber, bytes);
    if (!isThere || there.has(partNumber)) return;
    there.add(partNumber);
    confirmedBytes += sizeBytes;
  };
  const tell: typeof note = (range, bytes, isThere) => {
    note(range, bytes, isThere);
    onSent(sentBytes, confirmedBytes);
  };
  const rangeOf = (partNumber: number): PartRange => {
    const offsetBytes = (partNumber - 1) * partSizeBytes;
    return { partNumber, offsetBytes, sizeBytes: Math.min(partSizeBytes, file.sizeBytes - offsetBytes) };
  };

  return async (numbers: readonly number[], stored: ReadonlyMap<number, Part>): Promise<void> => {
    assertNotAborted(signal);
    // They are hashed yet, and may be others than those of the file here: then they are sent again.
    for (const { partNumber, sizeBytes } of stored.values()) note(rangeOf(partNumber), sizeBytes, true);
    onSent(sentBytes, confirmedBytes);
    const stop = needs.abortController();
    const abort = () => stop.abort();
    signal?.addEventListener("abort", abort);
    const sendPart = createSendPart(needs, requests, file, {
      signal: stop.signal,
      onWait,
      mint: createMintParts(needs.askApi, id, { signal: stop.signal, onWait }),
      onSent: tell,
    });
    const failures: unknown[] = [];
    let next = 0;
    const work = async (): Promise<void> => {
      for (let number = numbers[next]; number !== undefined; number = numbers[next]) {
        next += 1;
        try {
          // Those under way come to their end; no others begin.
          if ((await sendPart(rangeOf(number), stored.get(number))) === "ask") next = numbers.length;
        } catch (error) {
          failures.push(error);
          next = numbers.length;
          abort();
        }
      }
    };
    await Promise.all(Array.from({ length: count }, work));
    signal?.removeEventListener("abort", abort);
    assertNotAborted(signal);
    if (failures.length > 0) throw failures[0];
  };
}

/** What the store has of the parts. A token that may only send can't ask: then all of them are sent. */
async function askParts(askApi: AskApi, id: string, waiting: Waiting): Promise<ReadonlyMap<number, Part>> {
  try {
    return await askApi(
      { method: "GET", path: `/v1/uploads/${encodeURIComponent(id)}/parts`, ...waiting },
      ({ json }) =>
        hasItems(json) ? new Map((json.items as Part[]).map((part) => [part.partNumber, part])) : undefined,
    );
  } catch (error) {
    if (!(error instanceof ProblemError) || error.code !== "insufficient-scope") throw error;
    return new Map();
  }
}

const numbersAfter = (last: number, { partCount }: Cut): number[] =>
  Array.from({ length: partCount - last }, (_, index) => last + 1 + index);
