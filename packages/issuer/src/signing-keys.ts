import { createPrivateKey, generateKeyPair, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { calculateJwkThumbprint, type JWK } from "jose";
import { createFileOnce } from "./create-file-once.ts";
import { IssuerDirectoryError } from "./errors.ts";
import { makePrivate } from "./private-file.ts";

const modulusBits = 2048;

export interface SigningKeys {
  /** The first key of the file: the one that signs. */
  readonly signing: { readonly kid: string; readonly privateKey: KeyObject };
  /** All keys with their private parts, the signing one first. */
  readonly privateKeys: readonly JWK[];
  /** The public parts of all keys, the signing one first. */
  readonly publicKeys: readonly JWK[];
}

/**
 * Reads `keys.json` of the issuer's directory, a JWK Set (RFC 7517 §5) of private RSA keys for RS256, and
 * makes it with one new key where it is missing. Processes that start at once end with the same keys.
 *
 * @throws {IssuerDirectoryError} if the file is not such a set; it is never written over
 */
export async function openSigningKeys(directory: string): Promise<SigningKeys> {
  const path = join(directory, "keys.json");
  let text = await readIfThere(path);
  if (text === undefined) {
    await createFileOnce(path, await newKeySet());
    text = await readFile(path, "utf8");
  }
  await makePrivate(path);

  const pairs = await Promise.all(privateKeysIn(text, path).map(toKeyPair));
  const [signing] = pairs;
  if (signing === undefined) throw new IssuerDirectoryError(`${path} holds no key.`, path);
  return {
    signing: { kid: signing.kid, privateKey: signing.privateKey },
    privateKeys: pairs.map(({ publicJwk, privateKey }) => ({
      ...publicJwk,
      ...privateKey.export({ format: "jwk" }),
    })),
    publicKeys: pairs.map((pair) => pair.publicJwk),
  };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

async function newKeySet(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: modulusBits });
  const { publicJwk } = await toKeyPair(privateKey);
  const jwk = { ...publicJwk, ...privateKey.export({ format: "jwk" }) };
  return `${JSON.stringify({ keys: [jwk] }, undefined, 2)}\n`;
}

/** No cause is passed on from here: a parser's message quotes the text that it stumbled over. */
function privateKeysIn(text: string, path: string): KeyObject[] {
  const refuse = (problem: string): never => {
    throw new IssuerDirectoryError(`${path} ${problem}; restore it from a backup.`, path);
  };
  const set = parseJson(text);
  if (!isRecord(set) || !Array.isArray(set.keys)) return refuse("is not a JSON Web Key Set");
  return set.keys.map((jwk: unknown, index) => {
    const key = isRecord(jwk) ? toPrivateKey(jwk) : undefined;
    const isUsable =
      key?.asymmetricKeyType === "rsa" && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= modulusBits;
    return key !== undefined && isUsable
      ? key
      : refuse(`has as key ${index + 1} no private RSA key of ${modulusBits} bits or more`);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toPrivateKey(key: Record<string, unknown>): KeyObject | undefined {
  try {
    return createPrivateKey({ key, format: "jwk" });
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** The public members are named one by one, so that no private one can slip through. */
async function toKeyPair(privateKey: KeyObject) {
  const { kty = "", n = "", e = "" } = privateKey.export({ format: "jwk" });
  const kid = await calculateJwkThumbprint({ kty, n, e }, "sha256");
  const publicJwk: JWK = { kty, n, e, kid, alg: "RS256", use: "sig" };
  return { kid, privateKey, publicJwk };
}
