import type { DelegationBounds } from "../delegation.ts";
import type { Refusal } from "../refusal.ts";
import type { FileIntent } from "./decide-intent.ts";

/** Metadata pairs that a file may have. */
const maxPairs = 16;

/**
 * A file as it is sent by a token with bounds: what its client left out is as they say, and what contradicts them is refused. How many there may
 * be is decided where they are counted.
 */
export function applyBounds(
  { profile, albumId, metadata = {} }: DelegationBounds,
  intent: FileIntent,
): { readonly intent: FileIntent } | { readonly refusal: Refusal } {
  if (profile !== undefined && intent.profile !== undefined && intent.profile !== profile)
    return outOfBounds("profile", `This token sends files of the profile "${profile}" alone.`);
  if (albumId !== undefined && intent.albumId !== undefined && intent.albumId !== albumId)
    return outOfBounds("albumId", "This token sends to one album alone, and it is not that one.");
  const pairs = new Map([...Object.entries(metadata), ...Object.entries(intent.metadata ?? {})]);
  for (const [name, value] of Object.entries(metadata))
    if (pairs.get(name) !== value)
      return outOfBounds(
        "metadata",
        `This token sends files whose metadata has another value of "${name}": leave that out.`,
      );
  if (pairs.size > maxPairs)
    return {
      refusal: {
        code: "validation-failed",
        member: "metadata",
        detail: `A file has at most ${maxPairs} metadata pairs, those that this token adds among them.`,
      },
    };
  return {
    intent: {
      ...intent,
      ...(profile === undefined ? {} : { profile }),
      ...(albumId === undefined ? {} : { albumId }),
      metadata: Object.fromEntries(pairs),
    },
  };
}

const outOfBounds = (member: string, detail: string): { readonly refusal: Refusal } => ({
  refusal: { code: "forbidden", member, detail },
});
