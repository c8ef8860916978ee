import type { ArchiveEntry, ArchiveWriter } from "../ports/archive-writer.ts";

const headOf = ({ name, sizeBytes }: Pick<ArchiveEntry, "name" | "sizeBytes">): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify({ name, sizeBytes })}\n`);

/** A format of its own: a line of JSON before each entry's bytes. */
export const memoryArchiveWriter: ArchiveWriter = {
  contentType: "application/zip",
  sizeOf: (entries) =>
    [...entries].reduce((sum, entry) => sum + headOf(entry).byteLength + entry.sizeBytes, 0),
  write: async function* (entries) {
    for await (const entry of entries) {
      yield headOf(entry);
      yield* entry.body;
    }
  },
};

/** What is in an archive of that format, by name. */
export function readMemoryArchive(bytes: Uint8Array): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (let at = 0; at < bytes.byteLength; ) {
    const end = bytes.indexOf(10, at);
    const { name, sizeBytes } = JSON.parse(new TextDecoder().decode(bytes.subarray(at, end))) as {
      name: string;
      sizeBytes: number;
    };
    found.set(name, bytes.slice(end + 1, end + 1 + sizeBytes));
    at = end + 1 + sizeBytes;
  }
  return found;
}
