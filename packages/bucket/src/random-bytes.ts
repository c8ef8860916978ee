import { randomFillSync } from "node:crypto";

/** Made at once: one call of the generator takes as long for eight bytes as for a thousand. */
const pool = Buffer.alloc(4096);
let used = pool.length;

/** Random bytes, fit for keys; none is given out twice. At most 4096. */
export function takeRandomBytes(count: number): Buffer {
  if (count > pool.length) throw new RangeError(`At most ${pool.length} random bytes at a time`);
  if (used + count > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const taken = Buffer.from(pool.subarray(used, used + count));
  pool.fill(0, used, used + count);
  used += count;
  return taken;
}
