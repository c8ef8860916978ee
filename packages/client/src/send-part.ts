import type { Part, PartToSend, WireRequest } from "@stowage/protocol";
import { abortable, assertNotAborted } from "./abortable.ts";
import { decideAfterPart } from "./decide-after-put.ts";
import { type ClientError, FileChangedError, NetworkError } from "./errors.ts";
import type { AbortSignalLike, Digest, FileSource, PartOf } from "./ports.ts";
import { type PutNeeds, putBytes } from "./put-bytes.ts";
import type { OnWait, Retry } from "./retry.ts";
import type { RequestSlots } from "./slots.ts";
import { storeErrorOf } from "./store-error.ts";

export interface SendPartNeeds<Source extends FileSource> extends PutNeeds<Source> {
  readonly retry: Retry;
  readonly digest: Digest<Source>;
}

/** Which bytes of the file a part is. */
export interface PartRange {
  readonly partNumber: number;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

interface SendPartOptions {
  readonly signal: AbortSignalLike;
  readonly onWait: OnWait | undefined;
  /** A request for a part that is in memory; nothing where the upload is past pending. */
  mint(part: PartToSend): Promise<WireRequest | undefined>;
  onSent(range: PartRange, sentBytes: number, isThere: boolean): void;
}

/** The part is there, as far as the store says; or the API must be asked what became of the upload. */
export type PartOutcome = "there" | "ask";

/**
 * Reads a part, hashes it, and sends it by a request minted just then, until the store has it. One that the store has
 * already (`stored`), with this size and SHA-256, is not sent.
 *
 * @returns a function that throws ProblemError, StoreRefusedError, FileChangedError, and what the adapters throw
 */
export function createSendPart<Source extends FileSource>(
  needs: SendPartNeeds<Source>,
  requestSlots: RequestSlots,
  file: Source,
  { signal, onWait, mint, onSent }: SendPartOptions,
): (range: PartRange, stored: Part | undefined) => Promise<PartOutcome> {
  const hash = async (part: PartOf<Source>, sizeBytes: number): Promise<string> => {
    let readBytes = 0;
    const onRead = (bytes: number) => {
      readBytes = bytes;
    };
    const sha256 = await abortable(needs.digest.sha256(part, onRead, signal), signal);
    if (readBytes !== sizeBytes) throw new FileChangedError(file.name);
    return sha256;
  };

  /** An error is what may pass; what won't is thrown. */
  const put = async (
    range: PartRange,
    part: PartOf<Source>,
    sha256: string,
  ): Promise<PartOutcome | ClientError> => {
    const { partNumber } = range;
    const what = `part ${partNumber} of ${file.name}`;
    for (let minted = false; ; minted = true) {
      const request = await mint({ partNumber, sha256 });
      if (!request) return "ask";
      const answer = await putBytes(needs, request, part, what, {
        signal,
        onSent: (sentBytes) => onSent(range, sentBytes, false),
      });
      const decision = decideAfterPart(answer.status, answer.body, minted);
      if (decision === "complete") return "there";
      if (decision === "ask") return "ask";
      if (decision === "mint") continue;
      const refused = storeErrorOf(what, answer);
      if (decision === "wait") return refused;
      throw decision === "changed" ? new FileChangedError(file.name, { cause: refused }) : refused;
    }
  };

  const once = async (range: PartRange, stored: Part | undefined): Promise<PartOutcome | ClientError> => {
    assertNotAborted(signal);
    const part = (await file.part(range.offsetBytes, range.sizeBytes)) as PartOf<Source>;
    let isSent = false;
    try {
      const sha256 = await hash(part, range.sizeBytes);
      const isThere = stored?.sha256 === sha256 && stored.sizeBytes === range.sizeBytes;
      const outcome = isThere ? "there" : await put(range, part, sha256);
      isSent = outcome === "there";
      return outcome;
    } catch (error) {
      if (error instanceof NetworkError) return error;
      throw error;
    } finally {
      part.release?.();
      onSent(range, isSent ? range.sizeBytes : 0, isSent);
    }
  };

  return async (range, stored) => {
    for (let repeat = 1; ; repeat += 1) {
      const outcome = await requestSlots.run(() => once(range, stored));
      const isDone = typeof outcome === "string";
      requestSlots.ended(isDone ? range.sizeBytes : undefined);
      if (isDone) return outcome;
      // While it waits, its slot and its memory are for others.
      await needs.retry.pause(outcome, repeat, signal, onWait);
    }
  };
}
