import type { FileSource, Uploader } from "@stowage/client";
import { usageOf } from "./client-usage.ts";

type AnyClient = Uploader<FileSource>;

/**
 * What begins every query key of a client's: what is known of one person's files is never another's. Of a client that was told its
 * `person` it is the same in every program.
 */
export const keyOf = (client: object) => {
  const { server, person } = (client as AnyClient).platform;
  return ["stowage", person ? [server, person] : usageOf(client).id] as const;
};

export type FilesScope = "own" | "trash";

/** Of all lists; behind it stands which one, as a FileListQuery. */
export const filesKey = (client: AnyClient) => [...keyOf(client), "files"] as const;

export const fileKey = (client: AnyClient, id: string) => [...keyOf(client), "file", id] as const;
