import type { Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";

/** Changes how a body moves on, piece by piece. */
export type Shape = (pieces: AsyncIterable<Buffer>) => AsyncIterable<Buffer>;

/** What came of a body: all of it was written, or the sink has gone. */
export type Moved = "whole" | "sink-closed";

/**
 * Writes a body to a sink as fast as that takes it, and does not end it; holds no more than a piece of it.
 *
 * @throws what the source fails with: it is left as it is, for who still answers on its connection
 */
export async function moveBytes(source: Readable, sink: Writable, shape: Shape): Promise<Moved> {
  const pieces = source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  for await (const piece of shape(pieces)) {
    if (!sink.writable) return "sink-closed";
    await written(sink, piece);
  }
  return sink.writable ? "whole" : "sink-closed";
}

/** Resolves once the system has it, or the sink has gone: not every sink tells of what it never sent. */
const written = (sink: Writable, piece: Buffer): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      sink.off("close", done);
      resolve();
    };
    sink.once("close", done);
    sink.write(piece, done);
  });

/** Tells how large each piece is. */
export const counted = (onBytes: (bytes: number) => void): Shape =>
  async function* (pieces) {
    for await (const piece of pieces) {
      onBytes(piece.length);
      yield piece;
    }
  };

/** Lets so many bytes pass, then tells, and lets nothing more pass until that resolves. */
export const cutAfter = (bytes: number, atCut: () => Promise<void>): Shape =>
  async function* (pieces) {
    let left = bytes;
    if (left === 0) return await atCut();
    for await (const piece of pieces) {
      yield piece.subarray(0, left);
      left -= Math.min(left, piece.length);
      if (left === 0) return await atCut();
    }
  };

const piecesPerSecond = 20;

/** At that rate on the average. */
export const throttled = (bytesPerSecond: number): Shape =>
  async function* (pieces) {
    const mostBytes = Math.max(1, Math.floor(bytesPerSecond / piecesPerSecond));
    const startedAt = performance.now();
    let moved = 0;
    for await (const piece of pieces)
      for (let start = 0; start < piece.length; start += mostBytes) {
        const some = piece.subarray(start, start + mostBytes);
        moved += some.length;
        const aheadMs = (moved / bytesPerSecond) * 1000 - (performance.now() - startedAt);
        if (aheadMs > 0) await delay(aheadMs);
        yield some;
      }
  };

/** The first, then the others. */
export const inTurn =
  (...shapes: readonly Shape[]): Shape =>
  (pieces) =>
    shapes.reduce((shaped, shape) => shape(shaped), pieces);
