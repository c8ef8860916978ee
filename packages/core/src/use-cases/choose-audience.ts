import type { FileAudience } from "../file.ts";
import type { Principal } from "../policy/principal.ts";
import type { Refusal } from "../refusal.ts";

/** To whom an owner shows a file, as they say it: to nobody, to the people of their own organisation, or to everyone. */
export type Visibility = "private" | FileAudience["kind"];

/**
 * Whom a principal means by that: there is no organisation to show a file to but one's own. Who comes by a capability shows what they send
 * to its album, and to nobody else.
 */
export function chooseAudience(
  { organisationId, capability }: Principal,
  visibility: Visibility,
): { readonly audience: FileAudience | "private" } | { readonly refusal: Refusal } {
  if (visibility === "private") return { audience: visibility };
  if (capability) return { refusal: onlyToAlbum };
  if (visibility === "public") return { audience: { kind: visibility } };
  return organisationId === undefined
    ? { refusal: noOrganisation }
    : { audience: { kind: visibility, organisationId } };
}

const onlyToAlbum: Refusal = {
  code: "validation-failed",
  member: "visibility",
  detail: "Guests show their files to their album alone.",
};

const noOrganisation: Refusal = {
  code: "validation-failed",
  member: "visibility",
  detail: "You are of no organisation: a file can be private or public, and shared with single people.",
};
