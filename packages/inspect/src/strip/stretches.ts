import type { Patch } from "./blank.ts";

/** From a byte of a file to the one before another. */
export type Stretch = readonly [from: number, to: number];

/** An edit of what several stretches hold together, as patches of the file. */
export function spread(extents: readonly Stretch[], at: number, bytes: Uint8Array): Patch[] {
  const patches: Patch[] = [];
  let before = 0;
  for (const [from, to] of extents) {
    const [start, end] = [Math.max(at, before), Math.min(at + bytes.byteLength, before + to - from)];
    if (start < end)
      patches.push({ from: from + start - before, bytes: bytes.subarray(start - at, end - at) });
    before += to - from;
  }
  return patches;
}

/** What lies between stretches, which are in order. */
export function beside(stretches: readonly Stretch[], from: number, to: number): Stretch[] {
  const between: Stretch[] = [];
  let at = from;
  for (const [keptFrom, keptTo] of stretches) {
    if (keptTo <= at) continue;
    if (keptFrom >= to) break;
    if (keptFrom > at) between.push([at, keptFrom]);
    at = keptTo;
  }
  if (at < to) between.push([at, to]);
  return between;
}

/** What is otherwise in an edited copy; stretches that are near to each other are one. */
export function differences(original: Buffer, edited: Buffer, from: number): Patch[] {
  const patches: Patch[] = [];
  const nearBytes = 16;
  for (let at = 0; at < original.length; ) {
    if (original[at] === edited[at]) {
      at += 1;
      continue;
    }
    let end = at + 1;
    for (let next = end; next < original.length && next - end < nearBytes; next += 1)
      if (original[next] !== edited[next]) end = next + 1;
    patches.push({ from: from + at, bytes: edited.subarray(at, end) });
    at = end;
  }
  return patches;
}
