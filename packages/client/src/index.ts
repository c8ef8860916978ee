export type {
  Album,
  AlbumInvite,
  AlbumMember,
  CreateDownloadsRequest,
  File,
  FileInvite,
  FileList,
  FileVersion,
  FileVersionList,
  Grant,
  Link,
  LinkList,
  Me,
  NewAlbumInvite,
  Person,
  Problem,
  ProblemCode,
  ReceivedInvite,
  Rejection,
  RejectionCode,
  Upload,
  WireRequest,
} from "@stowage/protocol";
export { type Client, type ClientQueueOptions, createClient } from "./create-client.ts";
export {
  AbortedError,
  ClientError,
  FileChangedError,
  FileUnreadableError,
  NetworkError,
  NotSignedInError,
  ProblemError,
  StorageFullError,
  StoreRefusedError,
  UnexpectedAnswerError,
} from "./errors.ts";
export { createFetchSender } from "./fetch-sender.ts";
export type { FileListQuery, Files, FileUpdate, Seen } from "./files.ts";
export { createLinks, type Links, type LinkWish, type NewLink } from "./links.ts";
export type {
  Abortable,
  AbortControllerLike,
  AbortSignalLike,
  ApiOptions,
  Bytes,
  BytesSender,
  ClientOptions,
  Clock,
  Concurrency,
  Connectivity,
  Digest,
  FetchInit,
  FetchResponse,
  FilePart,
  FileSource,
  PartOf,
  Platform,
  StoreAnswer,
} from "./ports.ts";
export type { Progress } from "./progress.ts";
export { type AnnouncementWords, announceUploads, englishWords } from "./queue/announce-uploads.ts";
export { createUploadQueue } from "./queue/create-upload-queue.ts";
export { describeFailure, type Failure } from "./queue/describe-failure.ts";
export type { Speed } from "./queue/estimate-speed.ts";
export { measureSpeed, type SpeedMeter } from "./queue/measure-speed.ts";
export { createMemoryQueueStore } from "./queue/memory-queue-store.ts";
export type { QueueChannel } from "./queue/queue-channel.ts";
export type { QueueLead, QueueLock } from "./queue/queue-lock.ts";
export type { QueueRow, QueueStore, StoredState } from "./queue/queue-store.ts";
export { type QueueTotals, totalsOf } from "./queue/queue-totals.ts";
export type { QueuedUpload, UploadEnd, UploadProgress } from "./queue/queued-upload.ts";
export type { OpenQueue, QueueOptions } from "./queue/run-queue.ts";
export {
  hasEnded,
  isHeldUp,
  type UploadItem,
  type UploadItemState,
  type UploadProblem,
} from "./queue/upload-item.ts";
export type { AddOptions, UploadGroup, UploadQueue, UploadQueueSnapshot } from "./queue/upload-queue.ts";
export type { UploadOptions, UploadResult } from "./upload-file.ts";
export { type UploadCounts, type UploadManyOptions, type UploadOutcome, uploadMany } from "./upload-many.ts";
export type { Uploader } from "./uploader.ts";
export { createUploader } from "./uploader.ts";
export type { Uploads } from "./uploads.ts";
