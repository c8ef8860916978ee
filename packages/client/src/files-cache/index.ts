export type { CacheStore, KeepOutcome } from "./cache-store.ts";
export type { Contact } from "./contact.ts";
export { createFileCache } from "./create-file-cache.ts";
export type {
  FetchedBytes,
  FileCache,
  FileCacheOptions,
  GoneFile,
  KeptFiles,
  NotKept,
} from "./file-cache.ts";
export type { KeptBytes, KeptKey, KeptRow } from "./kept-row.ts";
export { createMemoryDevice } from "./memory-cache-store.ts";
export type { PresignedUrl, UrlOptions } from "./renewed-urls.ts";
