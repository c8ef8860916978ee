import type { FileIntent, Me } from "@stowage/protocol";
import { abortable } from "./abortable.ts";
import { type AskApi, createAskApi, hasItems, hasMember, readMe } from "./api-request.ts";
import { createAwaitVerdict } from "./await-verdict.ts";
import { createBatch } from "./batch.ts";
import { createBatchRequest } from "./batch-request.ts";
import { ProblemError, UnexpectedAnswerError } from "./errors.ts";
import { createFetchSender } from "./fetch-sender.ts";
import type { Files } from "./files.ts";
import type { Lent } from "./lent.ts";
import { madeLater } from "./load-later.ts";
import { newRef } from "./new-ref.ts";
import type { Abortable, ClientOptions, FileSource, Platform } from "./ports.ts";
import { createRetry, isTransient } from "./retry.ts";
import { createSendSlots, createSlots } from "./slots.ts";
import { createTimeLimit } from "./time-limit.ts";
import { type UploadNeeds, type UploadOptions, type UploadResult, uploadFile } from "./upload-file.ts";
import type { Uploads } from "./uploads.ts";

export interface Uploader<Source extends FileSource> {
  /**
   * Sends a file and waits for its verdict. A rejection is a result; what could not be sent throws a ClientError.
   *
   * @throws ProblemError, NetworkError, UnexpectedAnswerError, AbortedError, NotSignedInError, FileChangedError,
   *   FileUnreadableError, StoreRefusedError
   */
  upload(file: Source, options?: UploadOptions<Source>): Promise<UploadResult>;
  readonly serverUploads: Uploads;
  readonly files: Files;
  /**
   * What this client was given of its platform, and how it asks the API, for what is built on it; also where and whose it is.
   * `person`: where it was given.
   */
  readonly platform: Platform & { readonly server: string; readonly person?: string | undefined };
  readonly askApi: AskApi;
  me(options?: Abortable): Promise<Me>;
}

/** One file is hashed while the one before it is created. */
const filesHashedAtOnce = 2;

/** A client of one Stowage server for one person. Nothing is asked of the server before the first call. */
export const createUploader = <Source extends FileSource>(options: ClientOptions<Source>): Uploader<Source> =>
  createSendingUploader({
    ...options,
    server: options.server.replace(/\/+$/, ""),
    ...(!options.send && { send: createFetchSender(options.fetch), idleTimeoutMs: noLimit }),
  } as SendingOptions<Source>);

/** A sender that tells nothing of the bytes on their way can't be seen standing still. */
const noLimit = 0;

type SendingOptions<Source extends FileSource> = ClientOptions<Source> &
  Required<Pick<ClientOptions<Source>, "send">>;

/** The same for a platform that has a sender of its own, without the one of `fetch`. */
export function createSendingUploader<Source extends FileSource>(
  options: SendingOptions<Source>,
): Uploader<Source> {
  const { clock, abortController, random, digest, send, idleTimeoutMs = 60_000, concurrency = 4 } = options;
  const retry = createRetry(options);
  const withinIdleTime = createTimeLimit(options);
  const askApi = createAskApi(options, { retry, withinIdleTime });
  let openUploads = 0;
  let openChanges = 0;

  const batchNeeds = { askApi, retry, abortController };
  const complete = createBatchRequest<string>(batchNeeds, "/v1/uploads/complete", (ids) => ({ ids }));
  const awaitVerdict = createAwaitVerdict({ askApi, complete }, clock, abortController().signal);
  const lent: Lent = {
    askApi,
    retry,
    abortable,
    createBatch,
    hasItems,
    hasMember,
    isTransient,
    ProblemError,
    UnexpectedAnswerError,
  };
  const serverUploads = madeLater<Uploads>(async () =>
    (await import("./beside-uploading.ts")).createUploads(lent, awaitVerdict),
  );
  const needs: UploadNeeds<Source> = {
    askApi,
    retry,
    withinIdleTime,
    clock,
    abortController,
    digest,
    send,
    idleTimeoutMs: idleTimeoutMs || undefined,
    serverUploads,
    // While others of this client's are on their way to their end, room for one more will come.
    create: createBatchRequest<FileIntent>(
      batchNeeds,
      "/v1/uploads",
      (files) => ({ files }),
      ({ code }) =>
        code === "too-many-open-uploads" ? { underWay: openUploads, changes: openChanges } : undefined,
    ),
    complete,
    awaitVerdict,
    newRef: () => newRef(random),
    hashSlots: createSlots(() => filesHashedAtOnce),
    countOpen(change) {
      openUploads += change;
      openChanges += 1;
    },
  };
  const sendSlots = createSendSlots(concurrency, clock);

  return {
    upload: (file, uploadOptions = {}) => uploadFile(needs, sendSlots, file, uploadOptions),
    serverUploads,
    files: madeLater<Files>(async () => (await import("./beside-uploading.ts")).createFiles(lent)),
    platform: options,
    askApi,
    me: ({ signal } = {}) => askApi({ method: "GET", path: "/v1/me", signal }, readMe),
  };
}
