"use client";

export type { AnnouncementWords } from "@stowage/client";
export { actionsOf, type UploadAction } from "./actions-of.ts";
export { UploadList, type UploadListClassNames, type UploadListProps } from "./upload-list.ts";
export { englishListWords, type UploadListWords, type UploadPace } from "./upload-list-words.ts";
export { type UploadAnnouncement, useUploadAnnouncement } from "./use-upload-announcement.ts";
export { useUploadSpeed } from "./use-upload-speed.ts";
