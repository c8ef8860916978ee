import type { KeyObject } from "node:crypto";
import type { FileOperations, OpenFile } from "./file-operations.ts";
import { holdBackSegment } from "./hold-back-segment.ts";
import type { IncomingFiles } from "./incoming-files.ts";
import { createObjectKey, type KeptWithObject } from "./object-file.ts";
import { type ContentDigests, createObjectWriter, type SealedAbout } from "./write-object.ts";

/** Content on its way into a file of `incoming/`. Exactly one of `publish` and `discard` ends it. */
export interface IncomingContent {
  /** See ObjectWriter. */
  push(content: Buffer): Promise<void> | undefined;
  finish(): Promise<ContentDigests>;
  /**
   * After `finish`. Seals the file and has `place` give it a name; nothing is left of it in `incoming/`,
   * whatever comes of that.
   */
  publish(about: SealedAbout, place: (path: string) => Promise<void>): Promise<{ readonly etag: string }>;
  discard(): Promise<void>;
}

/** What is known of content before it comes. */
export interface ContentAbout extends KeptWithObject {
  /** Absent where it is known at the end only. */
  readonly sizeBytes?: number;
  readonly withMd5: boolean;
}

interface Place {
  readonly operations: FileOperations;
  readonly masterKey: KeyObject;
  readonly incoming: IncomingFiles;
}

async function createIncoming({ operations, incoming }: Place, path: string): Promise<OpenFile> {
  try {
    return await operations.createFile(path);
  } catch (error) {
    // A file system that has no room for the content may still have made the name.
    await incoming.remove(path);
    throw error;
  }
}

/** Begins a file, sealed under a key of its own, for content that is announced. */
export async function receiveContent(place: Place, about: ContentAbout): Promise<IncomingContent> {
  const path = place.incoming.newPath();
  const file = await createIncoming(place, path);
  const writer = createObjectWriter({ ...about, file, objectKey: createObjectKey(place.masterKey) });
  const { push, finish } = about.sizeBytes === undefined ? holdBackSegment(writer) : writer;
  const discard = async (): Promise<void> => {
    await Promise.all([file.close(), place.incoming.remove(path)]);
  };
  return {
    push,
    finish,
    async publish(about, publishAs) {
      try {
        const etag = await writer.seal(about);
        await publishAs(path);
        return { etag };
      } finally {
        await discard();
      }
    },
    discard,
  };
}

/** Content that is in memory, as a file of its own. */
export async function publishContent(
  place: Place,
  content: Buffer,
  { headers, tags, ...about }: SealedAbout & KeptWithObject,
  publishAs: (path: string) => Promise<void>,
): Promise<{ readonly etag: string }> {
  const incoming = await receiveContent(place, { sizeBytes: content.length, withMd5: false, headers, tags });
  try {
    await incoming.push(content);
    await incoming.finish();
  } catch (error) {
    await incoming.discard();
    throw error;
  }
  return incoming.publish(about, publishAs);
}
