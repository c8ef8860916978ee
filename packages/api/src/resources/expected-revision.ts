import type { ExpectedRevision } from "@stowage/core";

/** A revision that no file has: what is not an ETag of ours matches nothing. */
const noRevision = -1;

/** RFC 9110 section 13.1.1, strong comparison; of several tags the first of ours counts. */
export function expectedRevision(ifMatch: string | undefined): ExpectedRevision {
  if (ifMatch === undefined) return undefined;
  if (ifMatch.trim() === "*") return "any";
  const revision = /(?:^|,)\s*"r(\d{1,15})"/.exec(ifMatch)?.[1];
  return revision === undefined ? noRevision : Number(revision);
}
