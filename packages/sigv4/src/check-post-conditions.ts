import type { PostPolicy } from "./post-policy.ts";

/** What a policy says of a form. */
export type PostVerdict =
  | {
      readonly verdict: "allowed";
      /** Bytes of the file, both ends included. */
      readonly minBytes: number;
      readonly maxBytes: number;
    }
  /** A field is missing, or not as the policy wants it. */
  | { readonly verdict: "condition-failed"; readonly field: string }
  /** No condition speaks of it. */
  | { readonly verdict: "extra-field"; readonly field: string };

/** Fields that no condition needs to speak of: what is signed can't name the signature. */
const exempt: ReadonlySet<string> = new Set(["file", "policy", "x-amz-signature"]);

/**
 * Holds a form to its policy. `fields` has lower-case names, and values in which `${filename}` was replaced;
 * the bucket counts as one of them, whether or not the form has it.
 */
export function checkPostConditions(
  { conditions }: PostPolicy,
  fields: ReadonlyMap<string, string>,
  bucket: string,
): PostVerdict {
  if ((fields.get("bucket") ?? bucket) !== bucket) return { verdict: "condition-failed", field: "bucket" };
  const form = new Map([...fields, ["bucket", bucket]]);
  const covered = new Set<string>();
  let minBytes = 0;
  let maxBytes = Number.POSITIVE_INFINITY;
  for (const condition of conditions) {
    if (condition.match === "content-length-range") {
      minBytes = Math.max(minBytes, condition.minBytes);
      maxBytes = Math.min(maxBytes, condition.maxBytes);
      continue;
    }
    const { match, field, value } = condition;
    const sent = form.get(field);
    const holds = match === "eq" ? sent === value : sent?.startsWith(value) === true;
    if (!holds) return { verdict: "condition-failed", field };
    covered.add(field);
  }
  for (const field of form.keys())
    if (!covered.has(field) && !exempt.has(field) && !field.startsWith("x-ignore-"))
      return { verdict: "extra-field", field };
  return { verdict: "allowed", minBytes, maxBytes };
}
