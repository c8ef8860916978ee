import type { IncomingContent } from "./incoming-content.ts";
import type { StoredObject } from "./read-object.ts";
import { releaseBuffer } from "./release-buffer.ts";
import { ObjectCorruptError } from "./segment-cipher.ts";
import type { ContentDigests } from "./write-object.ts";

/**
 * Reads an object, or from `start` up to but without `end` of it, into one that is being written, which is discarded
 * where that fails. `update` sees the content too. Throws ObjectCorruptError.
 */
export async function pourContent(
  source: StoredObject,
  { start, end }: { readonly start: number; readonly end: number },
  incoming: Pick<IncomingContent, "push" | "finish" | "discard">,
  update: (content: Buffer) => void,
): Promise<ContentDigests> {
  const { sizeBytes, sha256 } = source.metadata;
  try {
    for await (const batch of source.read(start, end))
      for (const plain of batch) {
        update(plain);
        await incoming.push(plain);
        releaseBuffer(plain);
      }
    const digests = await incoming.finish();
    const isWhole = start === 0 && end === sizeBytes;
    if (isWhole && sha256 !== undefined && sha256 !== digests.sha256)
      throw new ObjectCorruptError("the content is not what was sealed");
    return digests;
  } catch (error) {
    await incoming.discard();
    throw error;
  }
}
