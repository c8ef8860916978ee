import type { FileSource, Uploader } from "@stowage/client";

type AnyClient = Uploader<FileSource>;

const numbers = new WeakMap<object, number>();
let last = 0;

/** What begins every query key of a client's: what is known of one person's files is never another's. */
export function keyOf(client: object): readonly ["stowage", number] {
  if (!numbers.has(client)) numbers.set(client, last++);
  return ["stowage", numbers.get(client) ?? 0];
}

export type FilesScope = "own" | "trash";

/** Of all lists; behind it stands which one, as a FileListQuery. */
export const filesKey = (client: AnyClient) => [...keyOf(client), "files"] as const;

export const fileKey = (client: AnyClient, id: string) => [...keyOf(client), "file", id] as const;
