import type { FileRecord } from "../file.ts";
import { type FileType, fileTypeOf } from "./file-type.ts";
import { compareCodePoints } from "./fold-text.ts";
import { nameKey } from "./name-key.ts";
import { foundTerm } from "./search-terms.ts";

/**
 * The lists that there are of a person's files, and of those that others show them: each is one index, in its order, on every database (decision record
 * 0016). All but the trash are of ready files; what is quarantined is
 * listed there, since its owner can't do more with it than delete it for good.
 */
export type FileList =
  /** Newest first. `taken`: by when a picture was taken, by when it came where that is not known. */
  | { readonly by: "created" | "taken"; readonly type?: FileType }
  | { readonly by: "name" }
  /** That have this pair of metadata, newest first. */
  | { readonly by: "metadata"; readonly name: string; readonly value: string }
  /** Whose name has a word that begins with the text, which may go on into the words behind it. In the order of terms. */
  | { readonly by: "search"; readonly text: string }
  /** What is in the trash or quarantined, what came there last first. */
  | { readonly by: "trashed" }
  /** Whoever owns them: that an audience ({@link audiencesOf}) may read, newest first. */
  | { readonly by: "audience"; readonly audience: string };

/** Where a page of a list begins: behind the file that stands there. */
export interface FilePosition {
  /** Milliseconds since 1970; in lists by name the key of the name, in a search the term. */
  readonly key: number | string;
  readonly id: string;
}

/** Where in a list a file of it stands. */
export const positionOf = (list: FileList, file: FileRecord): FilePosition => ({
  key: keyOf(list, file),
  id: file.id,
});

function keyOf(list: FileList, file: FileRecord): number | string {
  switch (list.by) {
    case "created":
    case "metadata":
    case "audience":
      return file.createdAtMs;
    case "taken":
      return shownAtMs(file);
    case "trashed":
      return file.trashedAtMs ?? file.createdAtMs;
    case "name":
      return nameKey(file.name);
    case "search":
      return foundTerm(file.name, list.text) ?? "";
  }
}

/** When it was taken, or came where that is not known: one line of time for pictures with and without. */
export const shownAtMs = ({ current, createdAtMs }: Pick<FileRecord, "current" | "createdAtMs">): number =>
  current.takenAtMs ?? createdAtMs;

/**
 * Whether a file of its owner's is in a list.
 *
 * @param audiences the file's, as {@link audiencesOf} says
 */
export function isListed(list: FileList, file: FileRecord, audiences: readonly string[] = []): boolean {
  if (file.state === "sealed" || (file.state === "ready") === (list.by === "trashed")) return false;
  switch (list.by) {
    case "created":
    case "taken":
      return list.type === undefined || fileTypeOf(file.current.contentType) === list.type;
    case "metadata":
      return Object.entries(file.metadata).some(
        ([name, value]) => name === list.name && value === list.value,
      );
    case "search":
      return foundTerm(file.name, list.text) !== undefined;
    case "name":
    case "trashed":
      return true;
    case "audience":
      return audiences.includes(list.audience);
  }
}

/** The order of a list: by time newest first, by text in the order of code points; ids decide, in the same direction. */
export function comparePositions(one: FilePosition, other: FilePosition): number {
  if (typeof one.key === "number" && typeof other.key === "number")
    return other.key - one.key || compareCodePoints(other.id, one.id);
  return compareCodePoints(String(one.key), String(other.key)) || compareCodePoints(one.id, other.id);
}
