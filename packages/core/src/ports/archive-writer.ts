/** A file as it stands in an archive. */
export interface ArchiveEntry {
  /** Below the archive's top, `/` between folders: unique, and safe on any system. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  /** Exactly `sizeBytes`; read once, after the one before it. What it throws, the archive throws. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** A format in which several files are one. */
export interface ArchiveWriter {
  readonly contentType: string;
  /** How large it becomes. Exact. */
  sizeOf(entries: Iterable<Pick<ArchiveEntry, "name" | "sizeBytes">>): number;
  /** Its bytes, in pieces of any size, as they are read: holds no entry whole. */
  write(entries: AsyncIterable<ArchiveEntry>): AsyncIterable<Uint8Array>;
}
