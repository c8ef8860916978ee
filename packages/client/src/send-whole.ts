import type { Upload, WireRequest } from "@stowage/protocol";
import { assertNotAborted } from "./abortable.ts";
import { type AskApi, hasMember } from "./api-request.ts";
import type { Waiting } from "./batch-request.ts";
import { decideAfterPut, parseStoreCode } from "./decide-after-put.ts";
import { isTooSlow, shouldGoOnInParts } from "./decide-transfer.ts";
import { type ClientError, FileChangedError, NetworkError, ProblemError } from "./errors.ts";
import { urlsPath } from "./mint-parts.ts";
import type { AbortControllerLike, Clock, FileSource, StoreAnswer } from "./ports.ts";
import { type PutNeeds, putBytes } from "./put-bytes.ts";
import type { Retry } from "./retry.ts";
import type { SendOptions } from "./send-parts.ts";
import type { RequestSlots } from "./slots.ts";
import { storeErrorOf } from "./store-error.ts";

/** A request that would run out before the store has seen it is not worth sending. */
const expiryMarginMs = 5000;

export interface SendWholeNeeds<Source extends FileSource> extends PutNeeds<Source> {
  readonly askApi: AskApi;
  readonly retry: Retry;
  readonly clock: Clock;
  readonly complete: (id: string, waiting: Waiting) => Promise<Upload>;
  abortController(): AbortControllerLike;
}

/** A pending upload, and when its request came. */
export interface PendingUpload {
  readonly upload: Upload;
  readonly mintedAtMs: number;
}

/**
 * Sends a pending upload's bytes in a single PUT until the API says that they are there.
 *
 * After a failure on the way nobody knows whether the bytes arrived: the API is asked before they are sent again.
 *
 * @returns the upload, past pending; or pending and a multipart, where it goes on in parts
 * @throws ProblemError (`upload-gone` …), StoreRefusedError, FileChangedError, and what the ports' adapters throw
 */
export async function sendWhole<Source extends FileSource>(
  needs: SendWholeNeeds<Source>,
  requestSlots: RequestSlots,
  file: Source,
  pending: PendingUpload,
  options: SendOptions,
): Promise<Upload> {
  const { retry, complete } = needs;
  const { signal, onWait } = options;
  const put = createPut(needs, requestSlots, file, pending, options);
  let breaks = 0;
  let lies = 0;
  for (let repeat = 1; ; repeat += 1) {
    const { failure, turned, isSlow, stranger } = await put.once();
    if (turned) return turned;
    if (isSlow) return put.mint({ as: "multipart" });
    requestSlots.ended(failure ? undefined : file.sizeBytes);
    if (failure) await retry.pause(failure, repeat, signal, onWait);
    if (failure && !(failure instanceof NetworkError)) continue;
    try {
      return await complete(pending.upload.id, options);
    } catch (error) {
      if (!(error instanceof ProblemError) || error.code !== "bytes-missing") throw error;
      if (failure) breaks += 1;
      if (shouldGoOnInParts(file.sizeBytes, breaks)) return await put.mint({ as: "multipart" });
      // Whatever answered the PUT, it was not the store; or it holds other bytes, and a fresh request has a new key.
      put.forgetRequest();
      if (failure) continue;
      lies += 1;
      await retry.pause(stranger ?? error, lies, signal, onWait);
    }
  }
}

interface PutOutcome {
  /** What may pass; nothing where the bytes are there as far as the store says. */
  readonly failure?: ClientError;
  /** The upload, where somebody has made it a multipart meanwhile. */
  readonly turned?: Upload;
  /** Who says that the bytes are there, where it speaks as no store does: a captive portal, if they are not. */
  readonly stranger?: ClientError;
  /** It was given up, and goes on in parts. */
  readonly isSlow?: boolean;
}

/** PUTs by the request that is at hand, or by a fresh one where that ran out. */
function createPut<Source extends FileSource>(
  needs: SendWholeNeeds<Source>,
  requestSlots: RequestSlots,
  file: Source,
  { upload, mintedAtMs }: PendingUpload,
  { signal, onWait, onSent }: SendOptions,
) {
  const { askApi, clock } = needs;
  let request = requestOf(upload);
  let expiresAtMs = mintedAtMs + lifeMs(request);

  const mint = async (body: { as?: "multipart" } = {}): Promise<Upload> => {
    const fresh = await askApi(
      { method: "POST", path: urlsPath(upload.id), body, signal, onWait },
      ({ json }) => (hasMember(json, "upload") ? (json.upload as Upload) : undefined),
    );
    request = requestOf(fresh);
    expiresAtMs = clock.nowMs() + lifeMs(request);
    return fresh;
  };

  /** Nothing where it was too slow to wait for. */
  const putWatched = async (now: WireRequest): Promise<StoreAnswer | undefined> => {
    const inner = needs.abortController();
    const abort = () => inner.abort();
    signal?.addEventListener("abort", abort);
    const beganAtMs = clock.nowMs();
    let isSlow = false;
    try {
      assertNotAborted(signal);
      return await putBytes(needs, now, file, file.name, {
        signal: inner.signal,
        onSent(sentBytes) {
          onSent(sentBytes);
          isSlow ||= isTooSlow(file.sizeBytes, sentBytes, clock.nowMs() - beganAtMs);
          if (isSlow) abort();
        },
      });
    } catch (error) {
      assertNotAborted(signal);
      if (isSlow) return undefined;
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  };

  /** Throws what won't pass. */
  const once = async (): Promise<PutOutcome> => {
    for (let minted = false; ; minted = true) {
      if (minted || !request || clock.nowMs() > expiresAtMs - expiryMarginMs) {
        const turned = await mint();
        if (turned.transfer?.kind === "multipart") return { turned };
      }
      // The API gives none for what is past pending: completing tells.
      if (!request) return {};
      const answer = await putWatched(request);
      if (!answer) return { isSlow: true };
      const storeCode = parseStoreCode(answer.body);
      const decision = decideAfterPut(answer.status, storeCode, minted);
      const refused = storeErrorOf(file.name, answer);
      if (decision === "complete") return answer.body && !storeCode ? { stranger: refused } : {};
      if (decision === "mint") continue;
      if (decision === "wait") return { failure: refused };
      throw decision === "changed" ? new FileChangedError(file.name, { cause: refused }) : refused;
    }
  };

  return {
    mint,
    forgetRequest() {
      request = undefined;
    },
    once: () =>
      requestSlots.run(async (): Promise<PutOutcome> => {
        try {
          return await once();
        } catch (error) {
          if (error instanceof NetworkError) return { failure: error };
          throw error;
        }
      }),
  };
}

const lifeMs = (request: WireRequest | undefined): number => (request?.expiresInSeconds ?? 0) * 1000;

const requestOf = ({ transfer }: Upload): WireRequest | undefined =>
  transfer?.kind === "put" ? transfer.request : undefined;
