import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, randomBytes } from "node:crypto";

const version = 1;
const ivBytes = 12;
const tagBytes = 16;
const overheadBytes = 1 + ivBytes + tagBytes;

export interface Sealer<Value> {
  seal(value: Value): string;
  /** `undefined` for whatever this sealer did not seal, or sealed longer ago than its lifetime. */
  open(text: string): Opened<Value> | undefined;
}

export interface Opened<Value> {
  readonly value: Value;
  readonly sealedAtMs: number;
}

/**
 * Seals JSON values so that whoever holds the text can neither read nor change it: base64url of
 * `version (1 byte) ‖ IV (12) ‖ AES-256-GCM ciphertext ‖ tag (16)`. The key is derived (HKDF-SHA-256) per purpose and
 * context, and the additional data name the version and the purpose: what was sealed for one thing opens as no other.
 */
export function createSealer<Value>(o: {
  /** 32 bytes. */
  readonly key: Uint8Array;
  readonly purpose: string;
  /** What else must be the same for a text to open, such as the issuer. */
  readonly context: readonly string[];
  readonly lifetimeMs: number;
  readonly nowMs: () => number;
}): Sealer<Value> {
  const label = JSON.stringify(["stowage web session", version, o.purpose]);
  const info = JSON.stringify([label, ...o.context]);
  const key = createSecretKey(Buffer.from(hkdfSync("sha256", o.key, "", info, 32)));
  return {
    seal(value) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(label));
      const text = Buffer.from(JSON.stringify([o.nowMs(), value]));
      return Buffer.concat([
        Buffer.of(version),
        iv,
        cipher.update(text),
        cipher.final(),
        cipher.getAuthTag(),
      ]).toString("base64url");
    },
    open(text) {
      if (!/^[\w-]+$/.test(text)) return undefined;
      const bytes = Buffer.from(text, "base64url");
      if (bytes.byteLength <= overheadBytes || bytes[0] !== version) return undefined;
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(1, 1 + ivBytes), {
        authTagLength: tagBytes,
      })
        .setAAD(Buffer.from(label))
        .setAuthTag(bytes.subarray(-tagBytes));
      const json = finish(decipher, bytes.subarray(1 + ivBytes, -tagBytes));
      if (json === undefined) return undefined;
      // Only what we sealed gets here.
      const [sealedAtMs, value] = JSON.parse(json) as [number, Value];
      return o.nowMs() - sealedAtMs > o.lifetimeMs ? undefined : { value, sealedAtMs };
    },
  };
}

/** `undefined` where the tag does not fit: the bytes are not ours, or not for this. */
function finish(decipher: ReturnType<typeof createDecipheriv>, bytes: Uint8Array): string | undefined {
  const opened = decipher.update(bytes);
  try {
    return Buffer.concat([opened, decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}
