import type { IncomingMessage, ServerResponse } from "node:http";
import type { VerifiedRequest } from "@stowage/sigv4";
import type { ObjectEvent } from "../events/object-event.ts";
import { S3Error } from "./s3-error.ts";

/** A request whose signature holds, and its response. Verbs act on what is here, never on `request.url`. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly verified: VerifiedRequest;
  /** Perhaps not the one that there is; empty when the request is about all buckets. */
  readonly bucket: string;
  /** The object's key; empty when the request is about the bucket. */
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
  /** Lower-case names; repeated ones joined by ",". */
  readonly headers: ReadonlyMap<string, string>;
  /** `x-amz-*` members of headers and query alike (amz-members.ts). */
  readonly amz: ReadonlyMap<string, string>;
  /** Asks a client that sent `Expect: 100-continue` for the body. Call before reading it. */
  acceptBody(): void;
  /** Tells whoever wants to know of what was changed. Call once it is durable, before answering. */
  announce(event: ObjectEvent): void;
}

/** Answers with XML, 200 by default. */
export function sendXml({ response }: Exchange, xml: string): void {
  response.writeHead(200, {
    "content-type": "application/xml",
    "content-length": Buffer.byteLength(xml),
    "cache-control": "no-store",
  });
  response.end(xml);
}

/** Every header of a request by its lower-case name, repeated ones joined by "," as SigV4 has it. */
export function headerMap({ rawHeaders }: IncomingMessage): Map<string, string> {
  const headers = new Map<string, string>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? "").toLowerCase();
    const value = rawHeaders[index + 1] ?? "";
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  return headers;
}

export const notImplemented = (what: string): S3Error =>
  new S3Error("NotImplemented", `This server does not implement ${what}.`);
