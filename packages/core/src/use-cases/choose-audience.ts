import type { FileAudience } from "../file.ts";
import type { Principal } from "../policy/principal.ts";
import type { Refusal } from "../refusal.ts";

/** To whom an owner shows a file, as they say it: to nobody, to the people of their own organisation, or to everyone. */
export type Visibility = "private" | FileAudience["kind"];

/** Whom a principal means by that: there is no organisation to show a file to but one's own. */
export function chooseAudience(
  { organisationId }: Principal,
  visibility: Visibility,
): { readonly audience: FileAudience | "private" } | { readonly refusal: Refusal } {
  if (visibility === "private") return { audience: visibility };
  if (visibility === "public") return { audience: { kind: visibility } };
  return organisationId === undefined
    ? { refusal: noOrganisation }
    : { audience: { kind: visibility, organisationId } };
}

const noOrganisation: Refusal = {
  code: "validation-failed",
  member: "visibility",
  detail: "You are of no organisation: a file can be private or public, and shared with single people.",
};
