import type { Upload, WireRequest } from "@stowage/protocol";
import { type AskApi, hasMember } from "./api-request.ts";
import type { Waiting } from "./batch-request.ts";
import { decideAfterPut, parseStoreCode } from "./decide-after-put.ts";
import { ClientError, FileChangedError, NetworkError, ProblemError, StoreRefusedError } from "./errors.ts";
import type { BytesSender, Clock, FileSource } from "./ports.ts";
import type { Retry } from "./retry.ts";
import { parseRetryAfterMs } from "./retry-after.ts";
import type { WithinIdleTime } from "./time-limit.ts";

/** A request that would run out before the store has seen it is not worth sending. */
const expiryMarginMs = 5000;

export interface SendNeeds<Source extends FileSource> {
  readonly askApi: AskApi;
  readonly retry: Retry;
  readonly withinIdleTime: WithinIdleTime;
  readonly clock: Clock;
  readonly send: BytesSender<Source>;
  /** `undefined`: the sender tells nothing of the bytes on their way. */
  readonly idleTimeoutMs: number | undefined;
  readonly complete: (id: string, waiting: Waiting) => Promise<Upload>;
}

/** A pending upload, and when its request came. */
export interface PendingUpload {
  readonly upload: Upload;
  readonly mintedAtMs: number;
}

interface SendOptions extends Waiting {
  onSent(sentBytes: number): void;
}

/**
 * Sends a pending upload's bytes until the API says that they are there.
 *
 * After a failure on the way nobody knows whether the bytes arrived: the API is asked before they are sent again.
 *
 * @returns the upload, past pending
 * @throws ProblemError (`upload-gone` …), StoreRefusedError, FileChangedError, and what the ports' adapters throw
 */
export async function sendBytes<Source extends FileSource>(
  needs: SendNeeds<Source>,
  source: Source,
  pending: PendingUpload,
  options: SendOptions,
): Promise<Upload> {
  const { retry, complete } = needs;
  const { signal, onWait } = options;
  const put = createPut(needs, source, pending, options);
  for (let repeat = 1; ; repeat += 1) {
    const failure = await put.once();
    if (failure) await retry.pause(failure, repeat, signal, onWait);
    if (failure && !(failure instanceof NetworkError)) continue;
    try {
      return await complete(pending.upload.id, options);
    } catch (error) {
      if (!(error instanceof ProblemError) || error.code !== "bytes-missing") throw error;
      // Whatever answered the PUT, it was not the store; or it holds other bytes, and a fresh request has a new key.
      put.forgetRequest();
      if (!failure) await retry.pause(error, repeat, signal, onWait);
    }
  }
}

/** PUTs by the request that is at hand, or by a fresh one where that ran out. */
function createPut<Source extends FileSource>(
  { askApi, withinIdleTime, clock, send, idleTimeoutMs }: SendNeeds<Source>,
  source: Source,
  { upload, mintedAtMs }: PendingUpload,
  { signal, onWait, onSent }: SendOptions,
) {
  let request = requestOf(upload);
  let expiresAtMs = mintedAtMs + lifeMs(request);

  const mint = async (): Promise<void> => {
    const fresh = await askApi(
      { method: "POST", path: `/v1/uploads/${encodeURIComponent(upload.id)}/urls`, body: {}, signal, onWait },
      ({ json }) => (hasMember(json, "upload") ? (json.upload as Upload) : undefined),
    );
    request = requestOf(fresh);
    expiresAtMs = clock.nowMs() + lifeMs(request);
  };

  const exchange = (present: WireRequest) =>
    withinIdleTime(`Sending ${source.name}`, idleTimeoutMs, signal, (abort, moved) =>
      send(present, source, {
        signal: abort,
        onSent(sentBytes) {
          moved();
          onSent(sentBytes);
        },
      }),
    );

  return {
    forgetRequest() {
      request = undefined;
    },
    /** Nothing where the bytes are there as far as the store says; else what may pass. Throws what won't. */
    async once(): Promise<ClientError | undefined> {
      for (let minted = false; ; minted = true) {
        if (minted || !request || clock.nowMs() > expiresAtMs - expiryMarginMs) await mint();
        // The API gives none for what is past pending: completing tells.
        if (!request) return undefined;
        try {
          const { status, body, retryAfter } = await exchange(request);
          const storeCode = parseStoreCode(body);
          const decision = decideAfterPut(status, storeCode, minted);
          if (decision === "complete") return undefined;
          if (decision === "mint") continue;
          const refused = new StoreRefusedError(status, storeCode, parseRetryAfterMs(retryAfter));
          if (decision === "wait") return refused;
          throw decision === "changed" ? new FileChangedError(source.name, { cause: refused }) : refused;
        } catch (error) {
          if (error instanceof NetworkError) return error;
          throw error;
        }
      }
    },
  };
}

const lifeMs = (request: WireRequest | undefined): number => (request?.expiresInSeconds ?? 0) * 1000;

/** @throws ClientError `unsupported-transfer` for a transfer in parts */
function requestOf({ transfer }: Upload): WireRequest | undefined {
  if (transfer && transfer.kind !== "put")
    throw new ClientError("unsupported-transfer", `This client can't send a file by ${transfer.kind}.`);
  return transfer?.request;
}
