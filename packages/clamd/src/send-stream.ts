import type { Exchange } from "./open-exchange.ts";

/** A length in network byte order goes before each chunk; four bytes of zero end the stream (clamd(8), INSTREAM). */
const lengthBytes = 4;

export const instreamCommand: Uint8Array = Buffer.from("zINSTREAM\0", "latin1");

export const lengthOf = (sizeBytes: number): Uint8Array => {
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32BE(sizeBytes);
  return length;
};

/**
 * Sends a body as clamd's INSTREAM, as fast as clamd takes it; ends the exchange where the body breaks off or is longer
 * than `maxSizeBytes`. Stops where the exchange has ended.
 */
export async function sendStream(
  exchange: Exchange,
  body: AsyncIterable<Uint8Array>,
  maxSizeBytes: number,
): Promise<void> {
  let sizeBytes = 0;
  try {
    await exchange.write(instreamCommand);
    for await (const chunk of body) {
      if (exchange.isOver) return;
      // An empty chunk would be the stream's end.
      if (chunk.byteLength === 0) continue;
      sizeBytes += chunk.byteLength;
      if (sizeBytes > maxSizeBytes) {
        return exchange.fail("too-large", "The body is larger than the scanner takes.");
      }
      await exchange.write(lengthOf(chunk.byteLength), chunk);
    }
  } catch (cause) {
    return exchange.fail("aborted", "The body broke off.", cause);
  }
  await exchange.finish(lengthOf(0));
}
