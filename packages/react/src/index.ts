"use client";

export {
  type AddOptions,
  createUploadQueue,
  type QueueTotals,
  type UploadItem,
  type UploadItemState,
  type UploadProblem,
  type UploadQueue,
  type UploadQueueSnapshot,
} from "@stowage/client";
export type { FileChangeCalls, FileChangeProblem } from "./files/file-changes.ts";
export {
  type FilesQuery,
  type FileUrl,
  type FileUrlQuery,
  fileQuery,
  filesQuery,
  fileUrlQuery,
} from "./files/file-queries.ts";
export { type FilesScope, keyOf } from "./files/query-keys.ts";
export { type FileChanges, useFileChanges } from "./files/use-file-changes.ts";
export { type UseFileUrlOptions, type UseFileUrlResult, useFileUrl } from "./files/use-file-url.ts";
export { type UseFilesResult, useFile, useFiles } from "./files/use-files.ts";
export { type Stowage, StowageProvider, type StowageProviderProps, useStowage } from "./stowage-provider.ts";
export { type UseUploadsResult, useUpload, useUploads } from "./uploads/use-uploads.ts";
