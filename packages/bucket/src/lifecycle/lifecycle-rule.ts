/** What happens to old things by itself, in S3's terms. */
export interface LifecycleRule {
  /** Default `rule-1`, `rule-2`… */
  readonly id?: string;
  /** Of the keys that it is about. Default: all. */
  readonly prefix?: string;
  /** Objects are removed so many days after they were stored; 1 or more. Default: never. */
  readonly expirationDays?: number;
  /** Multipart uploads that were begun so many days ago are aborted; 1 or more. Default: never. */
  readonly abortIncompleteMultipartUploadDays?: number;
}

/** A rule with what was left out. */
export type CheckedRule = LifecycleRule & Required<Pick<LifecycleRule, "id" | "prefix">>;

const dayMs = 24 * 60 * 60 * 1000;

/**
 * When something of that age has reached its days: as on S3, at the midnight (UTC) after them
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html#intro-lifecycle-rules-actions).
 */
export const lifeEndsAtMs = (createdAtMs: number, days: number): number =>
  Math.ceil((createdAtMs + days * dayMs) / dayMs) * dayMs;

const isDays = (days: number | undefined): boolean =>
  days === undefined || (Number.isSafeInteger(days) && days >= 1);

/** Throws RangeError for rules that S3 would not take either. */
export function checkLifecycle(rules: readonly LifecycleRule[]): CheckedRule[] {
  const checked = rules.map((rule, index) => ({ id: `rule-${index + 1}`, prefix: "", ...rule }));
  for (const { id, expirationDays, abortIncompleteMultipartUploadDays } of checked) {
    if (!isDays(expirationDays) || !isDays(abortIncompleteMultipartUploadDays))
      throw new RangeError(`lifecycle: the days of "${id}" must be whole numbers from 1`);
    if (expirationDays === undefined && abortIncompleteMultipartUploadDays === undefined)
      throw new RangeError(`lifecycle: "${id}" says nothing to be done`);
  }
  if (new Set(checked.map(({ id }) => id)).size < checked.length)
    throw new RangeError("lifecycle: two rules have one id");
  return checked;
}
