import { createHmac } from "node:crypto";
import { notOfThisList } from "./cursor.ts";
import { createTextSeal, derivedKey, TextSealError } from "./seal-text.ts";

const sequenceBytes = 8;
const idBytes = 16;

/** Sequences of audit events as clients see them: neither how many there are, nor how many come between two. */
export interface SequenceSeal {
  /** The same for the same sequence; 22 characters, base64url. */
  idOf(sequence: number): string;
  /** Other text each time; opened for that list alone. */
  seal(list: string, sequence: number): string;
  /** @throws ApiError `validation-failed` for what no server with this key gave for this list */
  open(list: string, cursor: string): number;
}

/** @param key 32 bytes that all servers share; keys of this purpose alone follow from it */
export function createSequenceSeal(key: Uint8Array): SequenceSeal {
  const idKey = derivedKey(key, "audit event ids");
  const cursors = createTextSeal(derivedKey(key, "audit cursors"));
  return {
    idOf: (sequence) =>
      createHmac("sha256", idKey).update(`${sequence}`).digest().subarray(0, idBytes).toString("base64url"),

    seal(list, sequence) {
      const bytes = Buffer.alloc(sequenceBytes);
      bytes.writeBigUInt64BE(BigInt(sequence));
      return cursors.seal(list, bytes);
    },

    open(list, cursor) {
      try {
        return Number(cursors.open(list, cursor).readBigUInt64BE());
      } catch (error) {
        throw error instanceof TextSealError ? notOfThisList(error) : error;
      }
    },
  };
}
