import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { ApiError } from "../problems/api-error.ts";

const nonceBytes = 12;
const sequenceBytes = 8;
const tagBytes = 16;
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

/** @param key 32 bytes that all servers share; keys of this purpose alone follow from it (RFC 5869) */
export function createSequenceSeal(key: Uint8Array): SequenceSeal {
  const derived = (purpose: string) => Buffer.from(hkdfSync("sha256", key, "", `stowage ${purpose}`, 32));
  const [idKey, cursorKey] = [derived("audit event ids"), derived("audit cursors")];
  return {
    idOf: (sequence) =>
      createHmac("sha256", idKey).update(`${sequence}`).digest().subarray(0, idBytes).toString("base64url"),

    // AES-GCM with a random nonce (NIST SP 800-38D): far fewer are made with one key than 2^32.
    seal(list, sequence) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv("aes-256-gcm", cursorKey, nonce).setAAD(Buffer.from(list));
      const text = Buffer.alloc(sequenceBytes);
      text.writeBigUInt64BE(BigInt(sequence));
      return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString(
        "base64url",
      );
    },

    open(list, cursor) {
      const bytes = Buffer.from(cursor, "base64url");
      if (bytes.length !== nonceBytes + sequenceBytes + tagBytes) throw notOfThisList();
      const decipher = createDecipheriv("aes-256-gcm", cursorKey, bytes.subarray(0, nonceBytes), {
        authTagLength: tagBytes,
      })
        .setAAD(Buffer.from(list))
        .setAuthTag(bytes.subarray(-tagBytes));
      const text = decipher.update(bytes.subarray(nonceBytes, -tagBytes));
      try {
        decipher.final();
      } catch (cause) {
        throw notOfThisList(cause);
      }
      return Number(text.readBigUInt64BE());
    },
  };
}

const notOfThisList = (cause?: unknown): ApiError =>
  Object.assign(
    new ApiError("validation-failed", "/query/cursor: That is not a cursor of this list.", {
      errors: [{ pointer: "/query/cursor", detail: "That is not a cursor of this list." }],
    }),
    { cause },
  );
