import { fill, type Patch } from "./blank.ts";

/** From a byte of a file to the one before another. */
export type Stretch = readonly [from: number, to: number];

/** A patch of what several stretches hold together, as patches of the file. */
export function spread(extents: readonly Stretch[], patch: Patch): Patch[] {
  const patches: Patch[] = [];
  const { from: at } = patch;
  const to = "bytes" in patch ? at + patch.bytes.byteLength : patch.to;
  let before = 0;
  for (const [from, end] of extents) {
    const [start, stop] = [Math.max(at, before), Math.min(to, before + end - from)];
    const place = from + start - before;
    if (start < stop && "bytes" in patch)
      patches.push({ from: place, bytes: patch.bytes.subarray(start - at, stop - at) });
    else if ("fill" in patch) patches.push(...fill(place, place + stop - start, patch.fill));
    before += end - from;
  }
  return patches;
}

/** Writes patches into bytes that are in memory. */
export function apply(bytes: Buffer, patches: readonly Patch[]): void {
  for (const patch of patches)
    if ("bytes" in patch) bytes.set(patch.bytes, patch.from);
    else bytes.fill(patch.fill, patch.from, patch.to);
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
