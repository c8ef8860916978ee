import { segmentBytes } from "./segment-cipher.ts";
import type { ObjectWriter } from "./write-object.ts";

/**
 * Ways into a writer for content whose size nobody knows before its end. The last segment is sealed as such, so one
 * segment is held back until it is known whether more follows; everything before it goes on in whole segments.
 */
export function holdBackSegment(
  writer: Pick<ObjectWriter, "push" | "finish" | "announceSize">,
): Pick<ObjectWriter, "push" | "finish"> {
  const held = Buffer.allocUnsafeSlow(segmentBytes);
  let heldBytes = 0;
  let sizeBytes = 0;

  const take = (content: Buffer): Promise<void> | undefined => {
    let rest = content;
    while (rest.length > 0) {
      if (heldBytes === segmentBytes) {
        heldBytes = 0;
        // Encrypted by the time it returns: the buffer is free again.
        const waiting = writer.push(held);
        const next = rest;
        if (waiting !== undefined) return waiting.then(() => take(next));
      }
      const copied = rest.copy(held, heldBytes);
      heldBytes += copied;
      sizeBytes += copied;
      rest = rest.subarray(copied);
    }
    return undefined;
  };

  return {
    push: take,
    async finish() {
      writer.announceSize(sizeBytes);
      await writer.push(held.subarray(0, heldBytes));
      return writer.finish();
    },
  };
}
