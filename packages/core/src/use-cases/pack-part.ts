import type { ArchivePart, LeftOutFile } from "../archives/archive.ts";
import { manifestName } from "../archives/entry-names.ts";
import { archivePartKey } from "../keys.ts";
import { choosePartSize } from "../part-plan.ts";
import type { ArchiveTask } from "../ports/archive-commands.ts";
import type { ArchiveEntry } from "../ports/archive-writer.ts";
import type { StoredPart } from "../ports/object-store.ts";
import type { AccountDocument } from "./describe-account.ts";
import { ArchiveLostError, type ArchivePorts } from "./make-archive.ts";
import type { PlannedEntry } from "./plan-archive.ts";

/** What is in the store is not what the rows say: it was purged or replaced meanwhile, or is damaged. */
export class EntryChangedError extends Error {
  override readonly name = "EntryChangedError";
}

export interface PartToPack {
  /** From 1. */
  readonly number: number;
  /** How many there are. */
  readonly count: number;
  readonly entries: readonly PlannedEntry[];
  /** Written as JSON behind the manifest, before everything else; one is in memory at a time. Default: none. */
  readonly documents?: AsyncIterable<AccountDocument>;
  readonly leftOut: readonly LeftOutFile[];
  readonly signal: AbortSignal | undefined;
}

/**
 * Writes one part: from the store, through the archive's format, into the store, in pieces of some MiB of which two are in memory at
 * most.
 *
 * @throws ArchiveLostError, EntryChangedError
 */
export async function packPart(
  ports: ArchivePorts,
  task: ArchiveTask,
  part: PartToPack,
): Promise<ArchivePart> {
  const { objects, archives, metadata } = ports;
  const key = archivePartKey(task.keyPrefix, task.attempt, part.number);
  const storeUploadId = await objects.createMultipartUpload({ key, contentType: archives.contentType });
  const multipart = { key, storeUploadId };
  try {
    const begun = await metadata.beginArchivePart({
      ...task,
      number: part.number,
      storeUploadId,
      fileIds: [...new Set(part.entries.map(({ fileId }) => fileId))],
    });
    if (!begun) throw new ArchiveLostError("Another worker has taken it over.");
    const whole = ports.newSha256();
    const manifest = { name: manifestName, value: manifestOf(task, part) };
    const sized = [{ name: manifestName, sizeBytes: inJson(manifest).byteLength }, ...part.entries];
    const pieceBytes = choosePartSize(archives.sizeOf(sized) + (part.documents ? maxDocumentBytes : 0));
    const parts: StoredPart[] = [];
    let sizeBytes = 0;
    let sending: Promise<void> = Promise.resolve();
    for await (const piece of inPieces(archives.write(entriesOf(ports, manifest, part)), pieceBytes)) {
      part.signal?.throwIfAborted();
      whole.update(piece);
      sizeBytes += piece.byteLength;
      await sending;
      sending = send(ports, { ...multipart, partNumber: parts.length + 1 }, piece).then((sent) => {
        parts.push(sent);
      });
      // Looked at when it is awaited; a reader that fails first must not leave it unheard.
      sending.catch(() => undefined);
    }
    await sending;
    const completed = await objects.completeMultipartUpload({ ...multipart, parts });
    if (completed !== "completed")
      throw new EntryChangedError(`The store did not join its parts: ${completed}.`);
    const entries = part.entries.map(({ fileId, version, key: of }) => ({ fileId, version, key: of }));
    return { key, sizeBytes, sha256: whole.digestHex(), entries };
  } catch (error) {
    await objects.abortMultipartUpload(multipart).catch(() => undefined);
    throw error;
  }
}

/** More than documents have, of whose size nothing is known before they are written. */
const maxDocumentBytes = 10 * 1024 ** 3;

const inJson = ({ value }: Pick<AccountDocument, "value">): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);

/** What the archive says of itself, in the order of what is in it. */
const manifestOf = ({ archive }: ArchiveTask, { number, count, entries, leftOut }: PartToPack): object => ({
  archiveId: archive.id,
  part: number,
  parts: count,
  entries: entries.map(({ name, fileId, version, sizeBytes, sha256 }) => ({
    name,
    fileId,
    version,
    sizeBytes,
    sha256,
  })),
  leftOut,
});

async function send(
  { objects, newSha256 }: ArchivePorts,
  part: { readonly key: string; readonly storeUploadId: string; readonly partNumber: number },
  body: Uint8Array,
): Promise<StoredPart> {
  const hash = newSha256();
  hash.update(body);
  const sent = await objects.putPart({ ...part, body, sha256: hash.digestHex() });
  if (!sent) throw new ArchiveLostError("Its parts were given up in the store.");
  return sent;
}

async function* entriesOf(
  ports: ArchivePorts,
  manifest: AccountDocument,
  { documents, entries, signal }: PartToPack,
): AsyncGenerator<ArchiveEntry> {
  const modifiedAtMs = ports.clock.nowMs();
  const documentEntry = (document: AccountDocument): ArchiveEntry => {
    const bytes = inJson(document);
    return { name: document.name, sizeBytes: bytes.byteLength, modifiedAtMs, body: once(bytes) };
  };
  yield documentEntry(manifest);
  for await (const document of documents ?? []) {
    signal?.throwIfAborted();
    yield documentEntry(document);
  }
  for (const entry of entries) yield { ...entry, body: read(ports, entry, signal) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** @throws EntryChangedError where it is not what the row says, at its end at the latest */
async function* read(
  { objects, newSha256 }: ArchivePorts,
  { key, sizeBytes, sha256 }: PlannedEntry,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const object = await objects.get(key, signal ? { signal } : {});
  if (!object) throw new EntryChangedError("A file's bytes are not there any more.");
  const hash = newSha256();
  let readBytes = 0;
  for await (const chunk of object.body) {
    hash.update(chunk);
    readBytes += chunk.byteLength;
    if (readBytes > sizeBytes) throw new EntryChangedError("A file has more bytes than its row says.");
    yield chunk;
  }
  if (readBytes !== sizeBytes || hash.digestHex() !== sha256)
    throw new EntryChangedError("A file has other bytes than its row says.");
}

/** The same bytes, in pieces of exactly so many but for the last. Each is its receiver's. */
async function* inPieces(bytes: AsyncIterable<Uint8Array>, pieceBytes: number): AsyncGenerator<Uint8Array> {
  let piece = new Uint8Array(pieceBytes);
  let filled = 0;
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.byteLength; ) {
      const taken = chunk.subarray(at, at + pieceBytes - filled);
      piece.set(taken, filled);
      filled += taken.byteLength;
      at += taken.byteLength;
      if (filled < pieceBytes) continue;
      yield piece;
      piece = new Uint8Array(pieceBytes);
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}
