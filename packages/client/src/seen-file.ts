import type { File } from "@stowage/protocol";

/**
 * Whether a file is still what a person saw before they decided to change it: its name, state, content, metadata. What
 * is derived from these, and what others may do, is not theirs to decide on.
 */
export const isAsSeen = (now: File, seen: File): boolean => sketchOf(now) === sketchOf(seen);

const sketchOf = ({ name, state, version, conflicts, sha256, visibility, metadata }: File): string =>
  JSON.stringify([name, state, version, conflicts, sha256, visibility, Object.entries(metadata).sort()]);
