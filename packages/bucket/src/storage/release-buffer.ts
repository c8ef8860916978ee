/**
 * Frees the memory of bytes that nobody needs any more; they are empty from then on. For what comes 64 KiB at a time,
 * from a cipher or a connection: left to the garbage collector, it would run a full collection every few megabytes, at
 * a quarter of an upload's CPU.
 */
export function releaseBuffer({ buffer, byteOffset, byteLength }: Buffer): void {
  // Only what is a whole allocation; small ones are not worth the call.
  if (buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength >= 4096) buffer.transfer(0);
}
