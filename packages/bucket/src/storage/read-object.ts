import type { KeyObject } from "node:crypto";
import type { FileOperations, OpenFile } from "./file-operations.ts";
import {
  contentBytesIn,
  fileSizeOf,
  headerBytesIn,
  type ObjectMetadata,
  openHeader,
  segmentOffset,
  smallestHeaderBytes,
} from "./object-file.ts";
import type { ManifestPart } from "./part-manifest.ts";
import {
  ObjectCorruptError,
  openSealed,
  segmentBytes,
  segmentCountOf,
  segmentPart,
  tagBytes,
} from "./segment-cipher.ts";

/** Segments fetched by one read; while they are sent, the next ones are being read. */
const segmentsPerRead = 8;
const readBytes = segmentsPerRead * (segmentBytes + tagBytes);

/** Buffers of `readBytes` that no read uses now: fresh ones cost page faults on every request. */
const spareBuffers: Buffer[] = [];
const maxSpareBuffers = 32;

const takeBuffer = (): Buffer => spareBuffers.pop() ?? Buffer.allocUnsafeSlow(readBytes);
const giveBack = (buffer: Buffer): void => {
  if (spareBuffers.length < maxSpareBuffers) spareBuffers.push(buffer);
};

export interface StoredObject {
  readonly metadata: ObjectMetadata;
  /**
   * The content from `start` up to but without `end`, in batches, each authenticated before it is
   * given out; whoever has done with a buffer may release it (releaseBuffer). Touches only the segments that hold it. Throws {@link ObjectCorruptError}.
   */
  read(start: number, end: number): AsyncGenerator<Buffer[], void, undefined>;
  close(): Promise<void>;
  /** Of an object that was uploaded in parts: those, in their order. Throws {@link ObjectCorruptError}. */
  listParts?(): Promise<readonly ManifestPart[]>;
}

/** The content of a small object at once. */
export async function readWhole(object: StoredObject): Promise<Buffer> {
  const plain: Buffer[] = [];
  for await (const batch of object.read(0, contentBytesIn(object.metadata))) plain.push(...batch);
  return Buffer.concat(plain);
}

const isKeysObject = ({ belongsTo }: ObjectMetadata): boolean => belongsTo === undefined;

/**
 * Opens an object's file, authenticates its header, and holds the file to being what it is taken for: by default a
 * key's object. Rejects with `ENOENT` where there is none, and with {@link ObjectCorruptError}.
 */
export async function openObject(
  operations: FileOperations,
  masterKey: KeyObject,
  path: string,
  isRight: (metadata: ObjectMetadata) => boolean = isKeysObject,
): Promise<StoredObject> {
  const file = await operations.openFile(path);
  try {
    const [header, fileSizeBytes] = await Promise.all([readHeader(file), file.sizeBytes()]);
    const { key, metadata } = openHeader(masterKey, header);
    const contentBytes = contentBytesIn(metadata);
    if (fileSizeBytes !== fileSizeOf(contentBytes, header.length))
      throw new ObjectCorruptError("the file has not the size that its header says");
    if (!isRight(metadata)) throw new ObjectCorruptError("the file is in another one's place");
    return {
      metadata,
      read: (start, end) => readContent({ file, key, headerBytes: header.length, contentBytes }, start, end),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readHeader(file: OpenFile): Promise<Buffer> {
  const start = Buffer.allocUnsafe(smallestHeaderBytes);
  const read = start.subarray(0, await file.readAt(start, 0));
  const headerBytes = headerBytesIn(read);
  if (headerBytes <= read.length) return read;
  const header = Buffer.allocUnsafe(headerBytes);
  return header.subarray(0, await file.readAt(header, 0));
}

interface SealedContent {
  readonly file: OpenFile;
  readonly key: KeyObject;
  readonly headerBytes: number;
  readonly contentBytes: number;
}

async function* readContent(
  { file, key, headerBytes, contentBytes }: SealedContent,
  start: number,
  end: number,
): AsyncGenerator<Buffer[], void, undefined> {
  if (start >= end) return;
  const segmentCount = segmentCountOf(contentBytes);
  const endSegment = segmentCountOf(end);

  /** Resolves with a buffer to be given back, and the sealed bytes in it. */
  const fetch = async (
    firstSegment: number,
  ): Promise<{ readonly buffer: Buffer; readonly sealed: Buffer }> => {
    const from = segmentOffset(firstSegment, headerBytes);
    const to = Math.min(
      segmentOffset(Math.min(firstSegment + segmentsPerRead, endSegment), headerBytes),
      fileSizeOf(contentBytes, headerBytes),
    );
    const buffer = takeBuffer();
    const sealed = buffer.subarray(0, to - from);
    try {
      if ((await file.readAt(sealed, from)) !== sealed.length)
        throw new ObjectCorruptError("the file ends too early");
      return { buffer, sealed };
    } catch (error) {
      giveBack(buffer);
      throw error;
    }
  };

  const open = (sealed: Buffer, firstSegment: number): Buffer[] => {
    const batch: Buffer[] = [];
    for (let offset = 0, index = firstSegment; offset < sealed.length; index += 1) {
      const next = Math.min(offset + segmentBytes + tagBytes, sealed.length);
      const part = segmentPart(index, segmentCount);
      const plain = openSealed(key, part, index, sealed.subarray(offset, next));
      const segmentStart = index * segmentBytes;
      batch.push(plain.subarray(Math.max(0, start - segmentStart), Math.max(0, end - segmentStart)));
      offset = next;
    }
    return batch;
  };

  let segment = Math.floor(start / segmentBytes);
  let fetching: ReturnType<typeof fetch> | undefined = fetch(segment);
  try {
    while (fetching !== undefined) {
      const { buffer, sealed } = await fetching;
      fetching = undefined;
      let batch: Buffer[];
      try {
        batch = open(sealed, segment);
      } finally {
        // At once: the next read, whoever's it is, finds it in the processor's cache.
        giveBack(buffer);
      }
      segment += segmentsPerRead;
      if (segment < endSegment) {
        fetching = fetch(segment);
        // Met at the next turn of the loop; until then a failure must not count as unhandled.
        fetching.catch(() => undefined);
      }
      yield batch;
    }
  } finally {
    // A reader that leaves early must not free a buffer that the disk still fills.
    const left = await fetching?.catch(() => undefined);
    if (left) giveBack(left.buffer);
  }
}
