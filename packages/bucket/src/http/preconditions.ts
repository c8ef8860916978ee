/** What conditions look at. */
export interface Validators {
  /** Without the quotes. */
  readonly etag: string;
  readonly modifiedAtMs: number;
}

/** The values of the condition headers that were sent. */
export interface Conditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: string | undefined;
  readonly ifUnmodifiedSince?: string | undefined;
}

/** HTTP dates have whole seconds. */
const wholeSeconds = (ms: number): number => Math.floor(ms / 1000) * 1000;

/** An HTTP date in milliseconds; NaN where it is none, which makes every comparison false. */
const parseHttpDate = (date: string): number => Date.parse(date);

/** Whether a list of entity tags names this one. S3's clients also send them without quotes. */
export function matchesEtag(list: string, etag: string): boolean {
  if (list.trim() === "*") return true;
  return list.split(",").some((tag) => {
    const bare = tag.trim();
    return bare === `"${etag}"` || bare === etag;
  });
}

/** The order and the rules of RFC 9110 section 13.2.2, for GET and HEAD. */
export function decidePreconditions(
  conditions: Conditions,
  { etag, modifiedAtMs }: Validators,
): "proceed" | "not-modified" | "failed" {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  const modified = wholeSeconds(modifiedAtMs);
  if (ifMatch !== undefined) {
    if (!matchesEtag(ifMatch, etag)) return "failed";
  } else if (ifUnmodifiedSince !== undefined && modified > parseHttpDate(ifUnmodifiedSince)) return "failed";

  if (ifNoneMatch !== undefined) {
    // Weak comparison: a cache may have weakened the tag.
    if (matchesEtag(ifNoneMatch.replaceAll("W/", ""), etag)) return "not-modified";
  } else if (ifModifiedSince !== undefined && modified <= parseHttpDate(ifModifiedSince))
    return "not-modified";
  return "proceed";
}

/** Whether a Range still applies under an If-Range header (RFC 9110 section 13.1.5). */
export const rangeApplies = (ifRange: string | undefined, { etag, modifiedAtMs }: Validators): boolean =>
  ifRange === undefined || ifRange === `"${etag}"` || parseHttpDate(ifRange) === wholeSeconds(modifiedAtMs);
