import { createHmac } from "node:crypto";
import { type ChunkSigning, sha256Hex } from "./sign-s3.ts";

// aws-chunked bodies: "Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks
// (Chunked Upload)" and "… Including Trailing Headers" of the API reference.

export interface ChunkedBody {
  readonly content: Buffer;
  /** Default 64 KiB. All but the last must have 8 KiB or more. */
  readonly chunkBytes?: number;
  /** Signs every chunk, and the trailer. */
  readonly signing?: ChunkSigning;
  readonly trailers?: Readonly<Record<string, string>>;
  /** Spoils the signature of the chunk with this index, or of the trailer. */
  readonly spoil?: number | "trailer";
}

const hmacHex = (key: Buffer, text: string): string => createHmac("sha256", key).update(text).digest("hex");
const spoilt = (signature: string): string => signature.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));

export function encodeChunks({
  content,
  chunkBytes = 65_536,
  signing,
  trailers,
  spoil,
}: ChunkedBody): Buffer {
  const pieces: Buffer[] = [];
  let before = signing?.seedSignature ?? "";
  const signatureOf = (key: Buffer, kind: string, ...rest: string[]): string => {
    before = hmacHex(
      key,
      [`AWS4-HMAC-SHA256-${kind}`, signing?.amzDate, signing?.scope, before, ...rest].join("\n"),
    );
    return before;
  };

  const chunks: Buffer[] = [];
  for (let at = 0; at < content.length; at += chunkBytes) chunks.push(content.subarray(at, at + chunkBytes));
  chunks.push(Buffer.alloc(0));
  for (const [index, chunk] of chunks.entries()) {
    let head = chunk.length.toString(16);
    if (signing) {
      const signature = signatureOf(signing.key, "PAYLOAD", sha256Hex(""), sha256Hex(chunk));
      head += `;chunk-signature=${spoil === index ? spoilt(signature) : signature}`;
    }
    const isLast = chunk.length === 0;
    pieces.push(Buffer.from(`${head}\r\n`), chunk, Buffer.from(isLast && trailers ? "" : "\r\n"));
  }
  if (!trailers) return Buffer.concat(pieces);

  const lines = Object.entries(trailers).map(([name, value]) => `${name}:${value}`);
  pieces.push(Buffer.from(lines.map((line) => `${line}\r\n`).join("")));
  if (signing) {
    const signature = signatureOf(
      signing.key,
      "TRAILER",
      sha256Hex(lines.map((line) => `${line}\n`).join("")),
    );
    const sent = spoil === "trailer" ? spoilt(signature) : signature;
    pieces.push(Buffer.from(`x-amz-trailer-signature:${sent}\r\n`));
  }
  pieces.push(Buffer.from("\r\n"));
  return Buffer.concat(pieces);
}
