export type { Client } from "./client.ts";
export { createClient } from "./client.ts";
export {
  AbortedError,
  ClientError,
  FileChangedError,
  FileUnreadableError,
  NetworkError,
  NotSignedInError,
  ProblemError,
  StoreRefusedError,
  UnexpectedAnswerError,
} from "./errors.ts";
export { createFetchSender } from "./fetch-sender.ts";
export type { Files } from "./files.ts";
export type {
  Abortable,
  AbortControllerLike,
  AbortSignalLike,
  ApiOptions,
  Bytes,
  BytesSender,
  ClientOptions,
  Clock,
  Digest,
  FetchInit,
  FetchResponse,
  FilePart,
  FileSource,
  PartOf,
  StoreAnswer,
} from "./ports.ts";
export type { Progress } from "./progress.ts";
export type { UploadOptions, UploadResult } from "./upload-file.ts";
export type { UploadCounts, UploadManyOptions, UploadOutcome } from "./upload-many.ts";
export type { Uploads } from "./uploads.ts";
