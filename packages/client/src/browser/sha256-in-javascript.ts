import { sha256 } from "@noble/hashes/sha2.js";

/** About 8 ms on a slow phone's 30 MB/s. */
const sliceBytes = 256 * 1024;

/**
 * SHA-256 where the browser has none, in slices between which the page lives. What it reads with is the caller's, so that
 * this file holds nothing that every upload has.
 *
 * @param read - these bytes; it throws where nobody wants them any more
 */
export async function sha256InSlices(
  sizeBytes: number,
  read: (from: number, to: number) => Promise<Uint8Array>,
  onRead: (readBytes: number) => void,
): Promise<Uint8Array> {
  const hash = sha256.create();
  let readBytes = 0;
  for (let offset = 0; offset < sizeBytes; offset += sliceBytes) {
    const slice = await read(offset, offset + sliceBytes);
    hash.update(slice);
    readBytes += slice.length;
    onRead(readBytes);
    await nextTask();
  }
  return hash.digest();
}

/** Gives the page its turn; unlike a timer it is not slowed down where the page is hidden. */
const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
