/** Where a span hangs: W3C Trace Context's ids, in lower-case hex. */
export interface SpanPlace {
  readonly traceId: string;
  readonly spanId: string;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * The trace of an upload, and its first span: the id's 128 bits are the trace's id, and their second half (62 of them random)
 * is the span's. Whoever knows the upload knows where its spans hang, in any process, before and after any restart.
 *
 * @returns `undefined` where the id is no UUID, as of other id sources
 */
export function traceOfUpload(uploadId: string): SpanPlace | undefined {
  if (!uuid.test(uploadId)) return undefined;
  const traceId = uploadId.replaceAll("-", "");
  return { traceId, spanId: traceId.slice(16) };
}

const zeros = /^0+$/;

/** W3C Trace Context section 3.2: what the client's own trace is, where it says so. */
export function parseTraceparent(header: unknown): SpanPlace | undefined {
  if (typeof header !== "string" || header.length > 256) return undefined;
  const [, version = "", traceId = "", spanId = "", rest = ""] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/.exec(header) ?? [];
  if (version === "" || version === "ff" || (version === "00" && rest !== "")) return undefined;
  return zeros.test(traceId) || zeros.test(spanId) ? undefined : { traceId, spanId };
}
