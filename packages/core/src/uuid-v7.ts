/** Of each byte, two digits of lower-case hex. */
const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function hex(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let index = start; index < end; index += 1) text += hexOfByte[bytes[index] ?? 0];
  return text;
}

/**
 * A time-ordered id (RFC 9562 section 5.7).
 *
 * @param nowMs milliseconds since 1970, 48 bits
 * @param random ten random bytes
 */
export function uuidV7(nowMs: number, random: Uint8Array): string {
  if (random.length < 10) throw new RangeError("A UUIDv7 needs ten random bytes.");
  return write(Math.floor(nowMs), (((random[0] ?? 0) & 0x0f) << 8) | (random[1] ?? 0), random);
}

/** @param afterVersion the twelve bits there; of `random`, bytes two to nine are written */
function write(ms: number, afterVersion: number, random: Uint8Array): string {
  const time = ms.toString(16).padStart(12, "0");
  const version = hexOfByte[0x70 | (afterVersion >> 8)];
  const variant = hexOfByte[0x80 | ((random[2] ?? 0) & 0x3f)];
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}${hexOfByte[afterVersion & 0xff]}-${variant}${hex(random, 3, 4)}-${hex(random, 4, 10)}`;
}

/** Largest value of the twelve bits after the version. */
const maxCounter = 0xfff;

/**
 * Time-ordered ids of one process, each after the one before it: those of one millisecond count up in the twelve bits
 * after the version, from a random start in their lower half (RFC 9562 section 6.2, method 1). Where the clock goes
 * back, or more come in a millisecond than the counter holds, the time runs ahead of the clock's.
 *
 * @param randomBytes ten random bytes at each call, left as they are
 */
export function createUuidV7Source(nowMs: () => number, randomBytes: () => Uint8Array): () => string {
  let lastMs = -1;
  let counter = 0;
  return () => {
    const random = randomBytes();
    const clockMs = Math.floor(nowMs());
    if (clockMs > lastMs || counter === maxCounter) {
      lastMs = Math.max(clockMs, lastMs + 1);
      counter = (((random[0] ?? 0) & 0x07) << 8) | (random[1] ?? 0);
    } else {
      counter += 1;
    }
    return write(lastMs, counter, random);
  };
}
