import type { Client, FileSource } from "@stowage/client";

type AnyClient = Client<FileSource>;

const numbers = new WeakMap<object, number>();
let last = 0;

/** What begins every query key of a client's: what is known of one person's files is never another's. */
export function keyOf(client: object): readonly ["stowage", number] {
  let number = numbers.get(client);
  if (number === undefined) {
    last += 1;
    number = last;
    numbers.set(client, number);
  }
  return ["stowage", number];
}

export type FilesScope = "own" | "trash";

/** Without a scope: of all lists. */
export const filesKey = (client: AnyClient, scope?: FilesScope) =>
  [...keyOf(client), "files", ...(scope ? [scope] : [])] as const;

export const fileKey = (client: AnyClient, id: string) => [...keyOf(client), "file", id] as const;
