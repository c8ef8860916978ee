import { keyOf } from "@stowage/react";

/** Begins the key of the mutations that send new versions of files. Apart: the first screen asks whether there are any. */
export const replaceKey = (client: object) => [...keyOf(client), "replace"] as const;

/** What is being sent in the place of a file, in TanStack Query's cache: a Replacement, or null. */
export const replacementKey = (client: object, fileId: string) =>
  [...keyOf(client), "replacement", fileId] as const;
