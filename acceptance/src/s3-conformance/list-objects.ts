import assert from "node:assert/strict";
import { elementsOf, rootOf, textsOf } from "../harness/read-xml.ts";
import type { S3Answer } from "../harness/s3-requests.ts";
import { assertOk, requiredText, type S3Session } from "./s3-session.ts";

// What cases about lists have in common.

export type Version = 1 | 2;
export type Query = Readonly<Record<string, string>>;

export const prefixesOf = (xml: string): string[] =>
  elementsOf(xml, "CommonPrefixes").flatMap((inner) => textsOf(inner, "Prefix"));

/** Objects with these ends under a prefix of their own, put in this order. */
export async function fill(s3: S3Session, ends: readonly string[]): Promise<string> {
  const prefix = s3.newKey("/");
  for (const end of ends) await s3.put(prefix + end, end);
  return prefix;
}

/** Lists below a prefix; what is answered is told without it. */
export async function listBelow(
  s3: S3Session,
  version: Version,
  prefix: string,
  query: Query = {},
): Promise<{ readonly answer: S3Answer; readonly keys: string[]; readonly prefixes: string[] }> {
  const answer = await s3.send("GET", "", {
    query: { ...(version === 2 && { "list-type": "2" }), ...query, prefix: prefix + (query.prefix ?? "") },
  });
  assertOk(answer);
  assert.equal(rootOf(answer.text), "ListBucketResult");
  const below = (name: string): string => {
    assert.ok(name.startsWith(prefix), name);
    return name.slice(prefix.length);
  };
  return {
    answer,
    keys: textsOf(answer.text, "Key").map(below),
    prefixes: prefixesOf(answer.text).map(below),
  };
}

/** Follows a list to its end, as its version has it. */
export async function listPages(
  s3: S3Session,
  version: Version,
  prefix: string,
  query: Query,
): Promise<{ readonly keys: string[]; readonly prefixes: string[] }[]> {
  const pages: { keys: string[]; prefixes: string[] }[] = [];
  for (let next: Query = {}; ; ) {
    const { answer, keys, prefixes } = await listBelow(s3, version, prefix, { ...query, ...next });
    pages.push({ keys, prefixes });
    assert.ok(pages.length < 100, "the list has no end");
    if (requiredText(answer, "IsTruncated") === "false") return pages;
    if (version === 2) next = { "continuation-token": requiredText(answer, "NextContinuationToken") };
    else {
      // Without a delimiter the last key is the marker.
      const last = textsOf(answer.text, "Key").at(-1) ?? "";
      next = { marker: query.delimiter === undefined ? last : requiredText(answer, "NextMarker") };
    }
  }
}
