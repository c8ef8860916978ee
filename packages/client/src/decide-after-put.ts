/** What to do after the object store's answer to a PUT. */
export type PutDecision =
  /** The bytes are there: the API is told. */
  | "complete"
  /** The request ran out: a fresh one. */
  | "mint"
  /** The same once more, after a while. */
  | "wait"
  /** The bytes are not those that were declared. */
  | "changed"
  | "refused";

/** S3's error codes for bytes that are not those that were signed. */
const digestCodes: ReadonlySet<string> = new Set(["BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch"]);

/** S3's error codes that come with 400 though only the connection was at fault. */
const connectionCodes: ReadonlySet<string> = new Set(["RequestTimeout", "IncompleteBody"]);

const passingStatuses: ReadonlySet<number> = new Set([408, 409, 425, 429]);

/**
 * 412 means that `if-none-match: *` found the bytes there already.
 *
 * @param wasFresh - the request had just been minted because another was refused: it did not run out
 */
export function decideAfterPut(status: number, storeCode: string, wasFresh: boolean): PutDecision {
  if ((status >= 200 && status < 300) || status === 412) return "complete";
  // A fresh one that is refused, too, is no matter of time; it may still pass (keys that change, a clock that is mended).
  if (status === 403) return wasFresh ? "wait" : "mint";
  if (status >= 500 || passingStatuses.has(status) || connectionCodes.has(storeCode)) return "wait";
  // The store would say why: a captive portal answers, which goes away. A body too large for a proxy stays so.
  if (!storeCode && status !== 413) return "wait";
  return digestCodes.has(storeCode) ? "changed" : "refused";
}

/** As after a PUT; or, where the store knows of no such multipart: the API is asked what became of it. */
export type PartDecision = PutDecision | "ask";

/**
 * What to do after the store's answer to a part's PUT. S3 answers a stored part with no body: whatever says more is
 * somebody else (a captive portal).
 *
 * @returns `complete` where the store has the part
 */
export function decideAfterPart(status: number, body: string, wasFresh: boolean): PartDecision {
  if (status === 404 || status === 412) return "ask";
  const decision = decideAfterPut(status, parseStoreCode(body), wasFresh);
  return decision === "complete" && body !== "" ? "wait" : decision;
}

/** The error code in S3's error document; empty where there is none. */
export const parseStoreCode = (body: string): string =>
  /<Code>([A-Za-z0-9.]{1,64})<\/Code>/.exec(body)?.[1] ?? "";
