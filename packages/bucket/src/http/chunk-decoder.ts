import { createHash, type Hash, hash } from "node:crypto";
import type { ChunkVerifier } from "@stowage/sigv4";
import { S3Error } from "./s3-error.ts";

/** A chunk's head with its signature, or a trailer: far more than either takes. */
const maxLineBytes = 1024;
const maxTrailers = 8;

const malformed = (): S3Error =>
  new S3Error("InvalidRequest", "The aws-chunked body is malformed, or not what its headers say.");
const malformedTrailer = (): S3Error =>
  new S3Error("MalformedTrailerError", "The body's trailer is malformed, or not the one that was announced.");

export interface ChunkDecoder {
  /** Takes the next bytes of the body; see ObjectWriter.push. Throws S3Error, SignatureRefusedError. */
  push(bytes: Buffer): Promise<void> | undefined;
  /** After the body: its trailers by their lower-case names. Throws S3Error where it was not whole. */
  end(): ReadonlyMap<string, string>;
}

/**
 * Decodes an aws-chunked body of `sizeBytes` (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html),
 * and hands its content to `push` as it comes. With `signatures` each chunk's signature is checked at
 * its end: nothing may be made of the content before `end` has returned.
 */
export function createChunkDecoder(options: {
  readonly sizeBytes: number;
  readonly hasTrailers: boolean;
  readonly signatures?: ChunkVerifier;
  readonly push: (content: Buffer) => Promise<void> | undefined;
}): ChunkDecoder {
  const { signatures } = options;
  const trailers = new Map<string, string>();
  let state: "head" | "content" | "content-end" | "trailer" | "end" = "head";
  let line = "";
  let chunkLeft = 0;
  let contentLeft = options.sizeBytes;
  let signature = "";
  let digest: Hash | undefined;

  const verifyChunk = (): void => signatures?.verifyChunk(digest?.digest("hex") ?? "", signature);

  const takeHead = (): void => {
    const match = /^([0-9a-fA-F]{1,13})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line);
    if (!match || (match[2] !== undefined) !== (signatures !== undefined)) throw malformed();
    chunkLeft = Number.parseInt(match[1] ?? "", 16);
    signature = match[2] ?? "";
    if (chunkLeft > contentLeft) throw malformed();
    contentLeft -= chunkLeft;
    digest = signatures && createHash("sha256");
    state = chunkLeft === 0 ? "trailer" : "content";
    if (chunkLeft === 0) verifyChunk();
  };

  const endTrailers = (): void => {
    if (signatures && options.hasTrailers) {
      const signed = trailers.get("x-amz-trailer-signature") ?? "";
      trailers.delete("x-amz-trailer-signature");
      const canonical = [...trailers].map(([name, value]) => `${name}:${value}\n`).join("");
      signatures.verifyTrailer(hash("sha256", canonical, "hex"), signed);
    }
    state = "end";
  };

  const takeTrailer = (): void => {
    if (line === "") {
      endTrailers();
      return;
    }
    const match = /^([a-zA-Z0-9-]{1,64}):([\x20-\x7e]*)\n?$/.exec(line);
    const name = match?.[1]?.toLowerCase();
    if (!match || name === undefined || !options.hasTrailers) throw malformedTrailer();
    if (trailers.has(name) || trailers.size >= maxTrailers) throw malformedTrailer();
    trailers.set(name, (match[2] ?? "").trim());
  };

  const takeLine = (): void => {
    if (state === "head") takeHead();
    else if (state === "trailer") takeTrailer();
    else if (line === "") state = "head";
    else throw malformed();
    line = "";
  };

  /** Takes bytes of a line; returns where it ended, or where the bytes did. */
  const readLine = (bytes: Buffer, from: number): number => {
    const feed = bytes.indexOf(10, from);
    const to = feed === -1 ? bytes.length : feed + 1;
    line += bytes.toString("latin1", from, to);
    if (line.length > maxLineBytes) throw malformed();
    if (line.endsWith("\r\n")) {
      line = line.slice(0, -2);
      takeLine();
    }
    return to;
  };

  const readFrom = (bytes: Buffer, start: number): Promise<void> | undefined => {
    let at = start;
    while (at < bytes.length) {
      if (state === "end") throw malformed();
      if (state !== "content") {
        at = readLine(bytes, at);
        continue;
      }
      const content = bytes.subarray(at, at + chunkLeft);
      at += content.length;
      chunkLeft -= content.length;
      digest?.update(content);
      if (chunkLeft === 0) {
        verifyChunk();
        state = "content-end";
      }
      const waiting = options.push(content);
      const next = at;
      if (waiting !== undefined) return waiting.then(() => readFrom(bytes, next));
    }
    return undefined;
  };

  return {
    push: (bytes) => readFrom(bytes, 0),
    end() {
      if (state !== "end" || contentLeft > 0)
        throw new S3Error(
          "IncompleteBody",
          "You did not provide the number of bytes specified by x-amz-decoded-content-length.",
        );
      return trailers;
    },
  };
}
