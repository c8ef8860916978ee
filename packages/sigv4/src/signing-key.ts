import { createHmac, createSecretKey, type KeyObject } from "node:crypto";

/** An access key; with `sessionToken` where it is temporary. */
export interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What a credential's scope holds besides key and day. */
export interface SigningScope {
  readonly region: string;
  readonly service: string;
}

const accessKeyIdPattern = /^[!-+\-.0-~]{1,128}$/;

/** Whether `text` can stand in a credential: printable ASCII without space, comma or slash, 1 to 128 long. */
export function isAccessKeyId(text: string): boolean {
  return accessKeyIdPattern.test(text);
}

// A verifier sees at most nine days of each access key (seven of expiry, skew on both sides).
const maxCachedKeys = 64;

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function deriveSigningKey(
  secretAccessKey: string,
  day: string,
  { region, service }: SigningScope,
): KeyObject {
  const key = hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, day), region), service), "aws4_request");
  return createSecretKey(key);
}

/**
 * A function from an access key and a date (`20130524T000000Z`) to SigV4's signing key, with a bounded cache per
 * access key and day. KeyObjects, since Node takes several times longer to sign with a Buffer.
 * A secret that changed under the same access key id takes effect at once.
 */
export function createSigningKeys(
  scope: SigningScope,
): (accessKeyId: string, secretAccessKey: string, amzDate: string) => KeyObject {
  const cache = new Map<string, { readonly secretAccessKey: string; readonly key: KeyObject }>();

  return (accessKeyId, secretAccessKey, amzDate) => {
    const day = amzDate.slice(0, 8);
    const name = `${day}/${accessKeyId}`;
    const cached = cache.get(name);
    if (cached !== undefined && cached.secretAccessKey === secretAccessKey) return cached.key;

    const key = deriveSigningKey(secretAccessKey, day, scope);
    cache.delete(name);
    if (cache.size >= maxCachedKeys) {
      const [oldest] = cache.keys();
      if (oldest !== undefined) cache.delete(oldest);
    }
    cache.set(name, { secretAccessKey, key });
    return key;
  };
}
