import { createHash } from "node:crypto";
import { checkDigests, declaredDigests } from "./declared-content.ts";
import type { Exchange } from "./exchange.ts";
import { receiveBody } from "./receive-body.ts";
import { S3Error } from "./s3-error.ts";

/** More than 10,000 parts or 1,000 keys take, however they are written. */
const maxDocumentBytes = 8 * 1024 * 1024;

/** Refuses a body where there is none to be. */
export function refuseBody({ headers }: Exchange): void {
  if (headers.has("transfer-encoding") || Number(headers.get("content-length") ?? 0) > 0)
    throw new S3Error("InvalidRequest", "This request has no body.");
}

/** The whole body of a request that is a document, held to the digests that it came with. */
export async function receiveDocument(
  exchange: Exchange,
  amz: ReadonlyMap<string, string> = exchange.amz,
): Promise<Buffer> {
  const { request, headers, verified } = exchange;
  const declared = declaredDigests(headers, amz, verified);
  const tooLarge = (): S3Error => new S3Error("EntityTooLarge", "The document exceeds the allowed size.");
  if (Number(headers.get("content-length") ?? 0) > maxDocumentBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let receivedBytes = 0;
  exchange.acceptBody();
  await receiveBody(request, (chunk) => {
    receivedBytes += chunk.length;
    if (receivedBytes > maxDocumentBytes) throw tooLarge();
    chunks.push(chunk);
    return undefined;
  });
  const body = Buffer.concat(chunks);
  const digestOf = (algorithm: string): string => createHash(algorithm).update(body).digest("hex");
  declared.checksum?.update(body);
  checkDigests(declared, { sha256: digestOf("sha256"), md5: digestOf("md5") });
  return body;
}
