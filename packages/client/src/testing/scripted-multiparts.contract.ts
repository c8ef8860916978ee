import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Reply } from "./scripted-reply.contract.ts";
import { storeError } from "./scripted-store.contract.ts";

export interface StoredPart {
  readonly bytes: Buffer;
  readonly sha256: string;
  readonly etag: string;
}

/** What a presigned request for a part was signed for. */
export interface SignedPart {
  readonly multipartId: string;
  readonly partNumber: number;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** The multipart uploads of a scripted store. */
export function createScriptedMultiparts(objects: Map<string, Buffer>) {
  const multiparts = new Map<string, { readonly key: string; readonly parts: Map<number, StoredPart> }>();
  /** How often each part was stored, by multipart and number. */
  const storedCounts = new Map<string, number>();

  return {
    storedCounts,
    open: (): string[] => [...multiparts.keys()],
    begin(key: string): string {
      const multipartId = randomUUID();
      multiparts.set(multipartId, { key, parts: new Map() });
      return multipartId;
    },
    /** Also what a lifecycle rule does. */
    abort: (multipartId: string): boolean => multiparts.delete(multipartId),
    parts: (multipartId: string): ReadonlyMap<number, StoredPart> | undefined =>
      multiparts.get(multipartId)?.parts,
    /** Joins what is there; `false` where there is no such multipart. */
    complete(multipartId: string): boolean {
      const multipart = multiparts.get(multipartId);
      if (!multipart) return false;
      const parts = [...multipart.parts].sort(([a], [b]) => a - b).map(([, { bytes }]) => bytes);
      objects.set(multipart.key, Buffer.concat(parts));
      return multiparts.delete(multipartId);
    },
    put({ headers }: IncomingMessage, signed: SignedPart, body: Buffer): Reply {
      const { multipartId, partNumber, sizeBytes, sha256 } = signed;
      const asSigned =
        headers["x-amz-checksum-sha256"] === Buffer.from(sha256, "hex").toString("base64") &&
        headers["content-length"] === String(sizeBytes) &&
        headers.authorization === undefined;
      if (!asSigned) return storeError(403, "SignatureDoesNotMatch");
      const parts = multiparts.get(multipartId)?.parts;
      if (!parts) return storeError(404, "NoSuchUpload");
      if (createHash("sha256").update(body).digest("hex") !== sha256) return storeError(400, "BadDigest");
      parts.set(partNumber, { bytes: body, sha256, etag: `"${randomUUID()}"` });
      const count = `${multipartId} ${partNumber}`;
      storedCounts.set(count, (storedCounts.get(count) ?? 0) + 1);
      return { status: 200, body: "" };
    },
  };
}
