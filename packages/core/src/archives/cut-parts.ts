import type { ArchiveEntry } from "../ports/archive-writer.ts";
import { maxArchivePartBytes, maxEntriesPerPart } from "./archive.ts";

/** What the list of contents and the manifest take for one entry, beside twice its name. Generous: only the bound depends on it. */
const overheadBytes = 700;

/**
 * Cuts entries into parts in their order, each as large as may be: at most {@link maxArchivePartBytes} and {@link maxEntriesPerPart}. An entry that is
 * larger has a part of its own.
 *
 * @param leftOutBytes what the first part has besides
 */
export function cutParts<Entry extends Pick<ArchiveEntry, "name" | "sizeBytes">>(
  entries: readonly Entry[],
  leftOutBytes = 0,
  maxBytes = maxArchivePartBytes,
): Entry[][] {
  const parts: Entry[][] = [];
  let part: Entry[] = [];
  let bytes = leftOutBytes;
  for (const entry of entries) {
    // UTF-8 has at most three bytes for what is one in `length`; JSON at most six.
    const entryBytes = entry.sizeBytes + overheadBytes + 12 * entry.name.length;
    if (part.length > 0 && (bytes + entryBytes > maxBytes || part.length === maxEntriesPerPart)) {
      parts.push(part);
      part = [];
      bytes = 0;
    }
    part.push(entry);
    bytes += entryBytes;
  }
  if (part.length > 0) parts.push(part);
  return parts;
}
