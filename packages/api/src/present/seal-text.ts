import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

const nonceBytes = 12;
const tagBytes = 16;

/** Bytes given to clients to bring back, which they can neither read nor make: AES-GCM with a random nonce (NIST SP 800-38D). */
export interface TextSeal {
  /** Other text each time, base64url, 28 bytes longer than what it holds. Far fewer are made with one key than 2^32. */
  seal(purpose: string, bytes: Uint8Array): string;
  /** @throws TextSealError for what nobody with this key sealed for that purpose */
  open(purpose: string, text: string): Buffer;
}

export class TextSealError extends Error {
  override readonly name = "TextSealError";
}

/** @param key 32 bytes that all servers share */
export function createTextSeal(key: Uint8Array): TextSeal {
  return {
    seal(purpose, bytes) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(purpose));
      return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]).toString(
        "base64url",
      );
    },

    open(purpose, text) {
      const bytes = Buffer.from(text, "base64url");
      if (bytes.length < nonceBytes + tagBytes) throw new TextSealError("It is too short.");
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, nonceBytes), {
        authTagLength: tagBytes,
      })
        .setAAD(Buffer.from(purpose))
        .setAuthTag(bytes.subarray(-tagBytes));
      const opened = decipher.update(bytes.subarray(nonceBytes, -tagBytes));
      try {
        decipher.final();
      } catch (cause) {
        throw new TextSealError("It was not sealed for that, or was changed.", { cause });
      }
      return opened;
    },
  };
}

/** A key for one purpose alone (RFC 5869). */
export const derivedKey = (key: Uint8Array, purpose: string): Buffer =>
  Buffer.from(hkdfSync("sha256", key, "", `stowage ${purpose}`, 32));
