import { randomFillSync } from "node:crypto";

/** One call of the system's source costs five microseconds, however little it is asked for. */
const poolBytes = 4096;

const pool = Buffer.allocUnsafeSlow(poolBytes);
let used = poolBytes;

/**
 * `count` random bytes of the system's source, at most 4096. The memory is the pool's: read it before the next call. No
 * byte is given out twice.
 */
export function takeRandomBytes(count: number): Buffer {
  if (count > poolBytes) throw new RangeError(`At most ${poolBytes} random bytes at once`);
  if (used + count > poolBytes) {
    randomFillSync(pool);
    used = 0;
  }
  const start = used;
  used += count;
  return pool.subarray(start, used);
}
