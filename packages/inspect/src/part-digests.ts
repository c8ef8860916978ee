import { createHash } from "node:crypto";

/** What was declared of a body that was sent in parts. */
export interface DeclaredParts {
  /** Of every part but the last, which is the rest. */
  readonly sizeBytes: number;
  /** Lower-case hex, in order. */
  readonly sha256s: readonly string[];
}

/** Holds a body that comes in pieces of any size to the digests of its parts. */
export interface PartDigests {
  update(chunk: Uint8Array): void;
  /** At the body's end: the number, from 1, of the first part that differs, is missing or is one too many. */
  finish(): number | undefined;
}

export function createPartDigests({ sizeBytes, sha256s }: DeclaredParts): PartDigests {
  let hash = createHash("sha256");
  let partBytes = 0;
  let partNumber = 1;
  let wrongPart: number | undefined;

  const endPart = (): void => {
    if (hash.digest("hex") !== sha256s[partNumber - 1]) wrongPart ??= partNumber;
    hash = createHash("sha256");
    partBytes = 0;
    partNumber += 1;
  };

  return {
    update(chunk) {
      for (let offset = 0; offset < chunk.byteLength; ) {
        const piece = chunk.subarray(offset, offset + sizeBytes - partBytes);
        hash.update(piece);
        partBytes += piece.byteLength;
        offset += piece.byteLength;
        if (partBytes === sizeBytes) endPart();
      }
    },
    finish() {
      if (partBytes > 0) endPart();
      if (partNumber <= sha256s.length) wrongPart ??= partNumber;
      return wrongPart;
    },
  };
}
