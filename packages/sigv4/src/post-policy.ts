import { SignatureRefusedError } from "./signature-refused-error.ts";

/** What one form field must be, or how large the file may be. */
export type PostCondition =
  | {
      readonly match: "eq" | "starts-with";
      /** Lower case, without `$`. */
      readonly field: string;
      readonly value: string;
    }
  | {
      readonly match: "content-length-range";
      /** Bytes of the file, both ends included. */
      readonly minBytes: number;
      readonly maxBytes: number;
    };

/**
 * What a form may upload, and until when:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html.
 */
export interface PostPolicy {
  readonly expiresAt: Date;
  readonly conditions: readonly PostCondition[];
}

/** The policy as a form carries it: JSON in base64. Throws RangeError for a date that can't be written. */
export function encodePostPolicy({ expiresAt, conditions }: PostPolicy): string {
  const document = {
    expiration: expiresAt.toISOString(),
    conditions: conditions.map((condition) =>
      condition.match === "content-length-range"
        ? [condition.match, condition.minBytes, condition.maxBytes]
        : [condition.match, `$${condition.field}`, condition.value],
    ),
  };
  return Buffer.from(JSON.stringify(document), "utf8").toString("base64");
}

const invalid = (why: string, cause?: unknown): SignatureRefusedError =>
  new SignatureRefusedError("InvalidPolicyDocument", `Invalid Policy: ${why}`, { cause });

const isoDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

function parseExpiration(value: unknown): Date {
  const expiresAt = typeof value === "string" && isoDate.test(value) ? new Date(value) : undefined;
  if (expiresAt === undefined || Number.isNaN(expiresAt.getTime()))
    throw invalid("expiration must be a date such as 2015-12-30T12:00:00.000Z.");
  return expiresAt;
}

/** Programs send numbers as strings, too. */
function parseBytes(value: unknown): number {
  const bytes = typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : value;
  if (typeof bytes !== "number" || !Number.isSafeInteger(bytes) || bytes < 0)
    throw invalid("content-length-range must have two whole numbers.");
  return bytes;
}

const fieldName = (name: string): string => name.replace(/^\$/, "").toLowerCase();

function parseList(list: readonly unknown[]): PostCondition {
  const [match, first, second] = list;
  const kind = typeof match === "string" && list.length === 3 ? match.toLowerCase() : "";
  if (kind === "content-length-range")
    return { match: kind, minBytes: parseBytes(first), maxBytes: parseBytes(second) };
  const isMatch = kind === "eq" || kind === "starts-with";
  if (isMatch && typeof first === "string" && first.startsWith("$") && typeof second === "string")
    return { match: kind, field: fieldName(first), value: second };
  throw invalid("a condition that is not eq, starts-with or content-length-range.");
}

function parseCondition(condition: unknown): PostCondition[] {
  if (Array.isArray(condition)) return [parseList(condition)];
  if (typeof condition !== "object" || condition === null)
    throw invalid("conditions must be objects or arrays.");
  return Object.entries(condition).map(([name, value]) => {
    if (typeof value !== "string") throw invalid("a condition's value must be a string.");
    return { match: "eq", field: fieldName(name), value };
  });
}

/** Reads a policy back. Throws SignatureRefusedError (`InvalidPolicyDocument`). */
export function decodePostPolicy(encoded: string): PostPolicy {
  const bytes = Buffer.from(encoded, "base64");
  // Lenient decoders skip what is not base64: then the signed text would say more than what is read.
  if (bytes.toString("base64") !== encoded) throw invalid("it is not base64.");
  let document: unknown;
  try {
    document = JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw invalid("it is not JSON.", cause);
  }
  if (typeof document !== "object" || document === null) throw invalid("it is not an object.");
  const { expiration, conditions } = document as { expiration?: unknown; conditions?: unknown };
  const expiresAt = parseExpiration(expiration);
  if (!Array.isArray(conditions) || conditions.length === 0) throw invalid("it has no conditions.");
  return { expiresAt, conditions: conditions.flatMap(parseCondition) };
}
