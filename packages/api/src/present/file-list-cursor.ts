import { createHash } from "node:crypto";
import { type FileList, type FilePosition, searchPhrase } from "@stowage/core";
import { notOfThisList, parsePosition, positionText } from "./cursor.ts";
import { createTextSeal, derivedKey, TextSealError } from "./seal-text.ts";

/**
 * Cursors of lists of files, encrypted: the row behind which a page begins may be one that its reader may not see (any more), and what it is and when it came is
 * not theirs to know.
 */
export interface FileListCursors {
  encode(list: FileList, position: FilePosition): string;
  /** @throws ApiError `validation-failed` for what no server with this key gave for this list */
  decode(list: FileList, cursor: string | undefined): FilePosition | undefined;
}

/** @param key 32 bytes that all servers share; a key of this purpose alone follows from it */
export function createFileListCursors(key: Uint8Array): FileListCursors {
  const seal = createTextSeal(derivedKey(key, "file list cursors"));
  const opened = (list: FileList, cursor: string): string => {
    try {
      return seal.open(nameOf(list), cursor).toString("utf8");
    } catch (error) {
      throw error instanceof TextSealError ? notOfThisList(error) : error;
    }
  };
  return {
    encode: (list, position) => seal.seal(nameOf(list), Buffer.from(positionText(position))),
    decode: (list, cursor) =>
      cursor === undefined
        ? undefined
        : parsePosition(
            list.by === "name" || list.by === "search" ? "string" : "number",
            opened(list, cursor),
          ),
  };
}

/** Which list a cursor belongs to. What is free text is told apart by its digest. */
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
