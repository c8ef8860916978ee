import { createHash } from "node:crypto";
import { type FileList, type FilePosition, searchPhrase } from "@stowage/core";
import { decodeCursor, encodeCursor } from "./cursor.ts";

export const encodeFileCursor = (list: FileList, position: FilePosition): string =>
  encodeCursor(nameOf(list), position);

/** @throws ApiError `validation-failed` for what this server did not give for this list */
export const decodeFileCursor = (list: FileList, cursor: string | undefined): FilePosition | undefined =>
  decodeCursor(nameOf(list), list.by === "name" || list.by === "search" ? "string" : "number", cursor);

/** Which list a cursor belongs to. What is free text is told apart by its digest: a cursor has little room. */
function nameOf(list: FileList): string {
  switch (list.by) {
    case "created":
    case "taken":
      return `files/${list.by}/${list.type ?? ""}`;
    case "metadata":
      return `files/metadata/${shortDigest(JSON.stringify([list.name, list.value]))}`;
    case "search":
      return `files/search/${shortDigest(searchPhrase(list.text))}`;
    case "audience":
      return `files/audience/${shortDigest(list.audience)}`;
    case "name":
    case "trashed":
      return `files/${list.by}`;
  }
}

const shortDigest = (text: string): string =>
  createHash("sha256").update(text).digest("base64url").slice(0, 12);
