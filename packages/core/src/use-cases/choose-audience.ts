import type { FileAudience } from "../file.ts";
import type { Capability, Principal } from "../policy/principal.ts";
import type { Refusal } from "../refusal.ts";

/** To whom an owner shows a file, as they say it: to nobody, to the people of their own organisation, or to everyone. */
export type Visibility = "private" | FileAudience["kind"];

/**
 * Whom a principal means by that: there is no organisation to show a file to but one's own. Who comes by a capability for an album shows what they send
 * to that, and to nobody else.
 */
export function chooseAudience(
  { organisationId, capability }: Principal,
  visibility: Visibility,
): { readonly audience: FileAudience | "private" } | { readonly refusal: Refusal } {
  if (visibility === "private") return { audience: visibility };
  if (capability && !maySendAsTheyLike(capability)) return { refusal: onlyToAlbum };
  if (visibility === "public") return { audience: { kind: visibility } };
  return organisationId === undefined
    ? { refusal: noOrganisation }
    : { audience: { kind: visibility, organisationId } };
}

/** What is sent by a token that is bound to no album is shown as by the person who minted that. */
export const maySendAsTheyLike = (capability: Capability): boolean =>
  capability.kind === "delegation" && capability.bounds.albumId === undefined;

const onlyToAlbum: Refusal = {
  code: "validation-failed",
  member: "visibility",
  detail: "What is sent by this token is shown to its album alone.",
};

const noOrganisation: Refusal = {
  code: "validation-failed",
  member: "visibility",
  detail: "You are of no organisation: a file can be private or public, and shared with single people.",
};
