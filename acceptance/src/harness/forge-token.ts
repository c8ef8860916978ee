import { createHmac, createPrivateKey, type KeyObject, sign } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export type Claims = Readonly<Record<string, unknown>>;

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

export interface DecodedToken {
  readonly header: Claims;
  readonly claims: Claims;
}

/** A token's parts, unverified. */
export function decodeToken(token: string): DecodedToken {
  const [header = "", claims = ""] = token.split(".");
  const parse = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString("utf8")) as Claims;
  return { header: parse(header), claims: parse(claims) };
}

/** A JWT (RFC 7519) signed with RS256 whatever its header says. */
export function signToken({ header, claims }: DecodedToken, key: KeyObject): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${sign("sha256", Buffer.from(input), key).toString("base64url")}`;
}

/** A JWT authenticated with HMAC under any bytes. */
export function authenticateToken({ header, claims }: DecodedToken, secret: string | Buffer): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
}

/** A JWT without a signature. */
export const unsignedToken = ({ header, claims }: DecodedToken): string =>
  `${encode(header)}.${encode(claims)}.`;

/**
 * The embedded issuer's own signing key, as whoever holds the data directory can read it. With it every check
 * but the signature's is put to the test alone.
 */
export function readSigningKey(dataDir: string): KeyObject {
  const [file] = globSync("**/keys.json", { cwd: dataDir });
  if (file === undefined) throw new Error(`No keys.json below ${dataDir}.`);
  const { keys } = JSON.parse(readFileSync(join(dataDir, file), "utf8")) as {
    keys: Record<string, string>[];
  };
  return createPrivateKey({ key: keys[0] ?? {}, format: "jwk" });
}
