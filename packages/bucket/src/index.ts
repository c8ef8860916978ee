export { type BucketFiles, openBucketFiles } from "./bucket-files.ts";
export { type BucketServer, type BucketServerOptions, createBucketServer } from "./bucket-server.ts";
export type { NotificationOptions } from "./events/notifier.ts";
export type { LogEntry } from "./http/log.ts";
export type { LifecycleRule } from "./lifecycle/lifecycle-rule.ts";
export type { FileOperations, OpenFile } from "./storage/file-operations.ts";
export { HardLinksLostError } from "./storage/hard-links-check.ts";
export { MasterKeyMismatchError } from "./storage/master-key-check.ts";
