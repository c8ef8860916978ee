import { randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { accessTokenClaims } from "./account-claims.ts";
import type { AccountStore } from "./account-store.ts";
import { InvalidTokenRequestError, ReasonRequiredError } from "./errors.ts";
import type { AccessTokenRequest } from "./issuer.ts";
import type { IssuerDatabase } from "./issuer-database.ts";
import { parseIssuerUrl } from "./issuer-url.ts";
import { parseLineOfText } from "./line-of-text.ts";
import { assertNoOperatorScope, parseScope } from "./scopes.ts";
import type { SigningKeys } from "./signing-keys.ts";

const maxLifetimeSeconds = 86_400;
const maxReasonCharacters = 500;
/** RFC 9068 §2.2 asks for a client: here it is the operator's command line. */
const clientId = "stowage-cli";

/** See `Issuer.mintAccessToken`. */
export async function mintAccessToken(
  ports: {
    readonly database: IssuerDatabase;
    readonly store: AccountStore;
    readonly keys: SigningKeys;
    readonly now: () => Date;
  },
  { email, issuerUrl, audience, scope, expiresInSeconds, reason }: AccessTokenRequest,
): Promise<string> {
  parseIssuerUrl(issuerUrl);
  const scopeNames = parseScope(scope);
  assertLifetime(expiresInSeconds);
  if (audience === "") throw new InvalidTokenRequestError("The audience is empty.");
  const parsedReason = reason === undefined ? undefined : parseReason(reason);

  const tokenId = randomUUID();
  const issuedAtSeconds = Math.floor(ports.now().getTime() / 1000);
  const expiresAtSeconds = issuedAtSeconds + expiresInSeconds;
  const grantedScope = scopeNames.join(" ");

  // One transaction decides and records; the token is signed after it, so that none exists unrecorded.
  const stored = await ports.database.write(() => {
    const found = ports.store.get(email);
    if (!found.account.operator) assertNoOperatorScope(scopeNames);
    if (found.account.signedInAt !== undefined && parsedReason === undefined)
      throw new ReasonRequiredError(
        `${found.account.email} has signed in: a token in their name needs a reason.`,
      );
    ports.store.appendTokenMint({
      tokenId,
      accountId: found.account.id,
      mintedAt: toRfc3339(issuedAtSeconds),
      expiresAt: toRfc3339(expiresAtSeconds),
      issuer: issuerUrl,
      audience,
      scope: grantedScope,
      ...(parsedReason !== undefined && { reason: parsedReason }),
    });
    return found;
  });

  const { kid, privateKey } = ports.keys.signing;
  return new SignJWT({ ...accessTokenClaims(stored), client_id: clientId, scope: grantedScope })
    .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid })
    .setIssuer(issuerUrl)
    .setSubject(stored.account.id)
    .setAudience(audience)
    .setIssuedAt(issuedAtSeconds)
    .setExpirationTime(expiresAtSeconds)
    .setJti(tokenId)
    .sign(privateKey);
}

const toRfc3339 = (seconds: number): string => new Date(seconds * 1000).toISOString();

function assertLifetime(seconds: number): void {
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > maxLifetimeSeconds)
    throw new InvalidTokenRequestError(
      `A token lives for a whole number of seconds from 1 to ${maxLifetimeSeconds}, not ${seconds}.`,
    );
}

function parseReason(reason: string): string {
  const line = parseLineOfText(reason, maxReasonCharacters);
  if ("problem" in line) throw new InvalidTokenRequestError(`The reason ${line.problem}.`);
  return line.value;
}
