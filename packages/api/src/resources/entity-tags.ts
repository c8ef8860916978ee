import type { ExpectedRevision } from "@stowage/core";
import { z } from "zod";

/** Of every change of a file. It may be left out as far as this goes: whether the file is there is told first. */
export const ifMatchHeaders = z.looseObject({
  "if-match": z
    .string()
    .optional()
    .describe(
      "ETags of the file as it is believed to be, or *. Without it 428, where it is another by now 412",
    ),
});

/** Of a read that may find what the client has already. */
export const ifNoneMatchHeaders = z.looseObject({
  "if-none-match": z.string().optional().describe("ETags of what the client has: 304 where one is current"),
});

/** `*`, or tags as they stand there (RFC 9110 sections 8.8.3, 13.1.1 and 13.1.2). */
type EntityTags = "*" | readonly { readonly isWeak: boolean; readonly tag: string }[];

const entityTag = /(W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g;

const readEntityTags = (header: string): EntityTags =>
  header.trim() === "*"
    ? "*"
    : Array.from(header.matchAll(entityTag), ([, weak, tag = ""]) => ({ isWeak: weak !== undefined, tag }));

/** Behind a file's revision may be what its owner is told of besides: a change of the file has nothing to do with that. */
const ourTag = /^"r(\d{1,15})(?:\.\d{1,6}\.\d{1,15})?"$/;

/** Of `If-Match`, by strong comparison: what is no ETag of ours, or a weak one, matches nothing. */
export function expectedRevision(ifMatch: string | undefined): ExpectedRevision {
  if (ifMatch === undefined) return undefined;
  const tags = readEntityTags(ifMatch);
  if (tags === "*") return "any";
  return tags.flatMap(({ isWeak, tag }) => {
    const revision = isWeak ? undefined : ourTag.exec(tag)?.[1];
    return revision === undefined ? [] : [Number(revision)];
  });
}

/** Of `If-None-Match`, by weak comparison: a proxy that compresses answers makes their tags weak. */
export function isNoneMatchFailing(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const tags = readEntityTags(ifNoneMatch);
  return tags === "*" || tags.some(({ tag }) => tag === etag);
}
