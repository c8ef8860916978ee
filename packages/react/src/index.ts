"use client";

export {
  type AddOptions,
  type AnnouncementWords,
  createUploadQueue,
  type QueueTotals,
  type UploadItem,
  type UploadItemState,
  type UploadProblem,
  type UploadQueue,
  type UploadQueueSnapshot,
} from "@stowage/client";
export type { FileChangeCalls, FileChangeProblem } from "./files/file-changes.ts";
export { fileQuery } from "./files/file-query.ts";
export { type FileUrl, type FileUrlQuery, fileUrlQuery } from "./files/file-url-query.ts";
export { type FilesQuery, filesQuery } from "./files/files-query.ts";
export { type FilesScope, keyOf } from "./files/query-keys.ts";
export { useFile } from "./files/use-file.ts";
export { type FileChanges, useFileChanges } from "./files/use-file-changes.ts";
export { type UseFileUrlOptions, type UseFileUrlResult, useFileUrl } from "./files/use-file-url.ts";
export { type UseFilesResult, useFiles } from "./files/use-files.ts";
export { type Stowage, StowageProvider, type StowageProviderProps, useStowage } from "./stowage-provider.ts";
export { type UploadAnnouncement, useUploadAnnouncement } from "./uploads/use-upload-announcement.ts";
export { type UseUploadsResult, useUpload, useUploads } from "./uploads/use-uploads.ts";
