import { importJWK, type JWK } from "jose";
import { discover } from "./issuer-metadata.ts";
import { readKeySet } from "./key-source.ts";
import { defaultAlgorithms, type TrustedIssuer } from "./trusted-issuer.ts";

/** What stands in the way of believing an issuer's tokens; the first thing that does. */
export type IssuerExamination =
  | { readonly outcome: "sound"; readonly usableKeys: number }
  /** Its discovery document can't be had, or is another's. */
  | { readonly outcome: "no-discovery"; readonly detail: string }
  | { readonly outcome: "no-keys"; readonly detail: string }
  /** None of its keys signs by an algorithm that is allowed. */
  | { readonly outcome: "no-usable-key"; readonly algorithms: readonly string[] }
  /** It is to be asked for e-mail and name, and has no address for it. */
  | { readonly outcome: "no-userinfo" };

/** Reads of an issuer what a token of it would be verified with, once and now. */
export async function examineIssuer(trusted: TrustedIssuer): Promise<IssuerExamination> {
  const { issuer, algorithms = defaultAlgorithms, userinfo = false } = trusted;
  try {
    const metadata = await discover(issuer);
    try {
      const { keys } = await readKeySet(metadata.jwksUri);
      const usable = await Promise.all(keys.map((key) => isUsable(key, algorithms)));
      const usableKeys = usable.filter((each) => each).length;
      if (usableKeys === 0) return { outcome: "no-usable-key", algorithms };
      if (userinfo && metadata.userinfoEndpoint === undefined) return { outcome: "no-userinfo" };
      return { outcome: "sound", usableKeys };
    } catch (error) {
      return { outcome: "no-keys", detail: sentenceOf(error) };
    }
  } catch (error) {
    return { outcome: "no-discovery", detail: sentenceOf(error) };
  }
}

/** RFC 7517 section 4; a key that names no algorithm serves all of its type. */
async function isUsable(key: JWK, algorithms: readonly string[]): Promise<boolean> {
  if (key.kty === "oct" || (key.use !== undefined && key.use !== "sig")) return false;
  const candidates = key.alg === undefined ? algorithms : algorithms.filter((each) => each === key.alg);
  const imported = await Promise.all(
    candidates.filter((each) => signsBy(key, each)).map((each) => canImport(key, each)),
  );
  return imported.some((each) => each);
}

const signsBy = ({ kty, crv }: JWK, algorithm: string): boolean => {
  if (/^[RP]S/.test(algorithm)) return kty === "RSA";
  if (algorithm.startsWith("ES")) return kty === "EC" && crv === curves.get(algorithm);
  return kty === "OKP" && crv === "Ed25519";
};

/** RFC 7518 section 3.4. */
const curves: ReadonlyMap<string, string> = new Map([
  ["ES256", "P-256"],
  ["ES384", "P-384"],
  ["ES512", "P-521"],
]);

const minRsaModulusBytes = 2048 / 8;

const canImport = (key: JWK, algorithm: string): Promise<boolean> =>
  key.kty === "RSA" && Buffer.from(key.n ?? "", "base64url").length < minRsaModulusBytes
    ? Promise.resolve(false)
    : importJWK(key, algorithm).then(
        () => true,
        () => false,
      );

/** With what lies below it, such as a name that is not known. */
function sentenceOf(error: unknown): string {
  const sentences: string[] = [];
  for (let each: unknown = error; each instanceof Error; each = each.cause)
    sentences.push(/[.!?]$/.test(each.message) ? each.message : `${each.message}.`);
  return [...new Set(sentences)].join(" ");
}
