import type { ArchiveWriter } from "@stowage/core";
import { makeZip, predictLength } from "client-zip";

/**
 * ZIP files whose entries are stored as they are (PKWARE APPNOTE 6.3.10): names in UTF-8, sizes and checksums behind each entry. ZIP64
 * only where an entry, or all of it, has 4 GiB or more.
 */
export const zipWriter: ArchiveWriter = {
  contentType: "application/zip",
  sizeOf: (entries) => Number(predictLength(sized(entries))),
  write: (entries) => makeZip(asInputs(entries)),
};

function* sized(entries: Iterable<{ readonly name: string; readonly sizeBytes: number }>) {
  for (const { name, sizeBytes } of entries) yield { name, size: sizeBytes };
}

async function* asInputs(entries: Parameters<ArchiveWriter["write"]>[0]) {
  for await (const { name, body, sizeBytes, modifiedAtMs } of entries)
    yield { name, input: body, size: sizeBytes, lastModified: new Date(Math.max(modifiedAtMs, earliestMs)) };
}

/** DOS times begin there. */
const earliestMs = Date.UTC(1980, 0, 2);
