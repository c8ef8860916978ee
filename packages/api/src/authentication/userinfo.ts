import { fetchJson, NoJsonError } from "./fetch-json.ts";
import type { IssuerMetadata } from "./issuer-metadata.ts";
import { type Personalia, personaliaOf } from "./read-claims.ts";
import { tokenDigest } from "./token-digest.ts";
import { IssuerUnavailableError, TokenRefusedError, type TrustedIssuer } from "./trusted-issuer.ts";

/** Tokens whose answer is remembered at once. */
const maxRemembered = 10_000;

/** With the minute for which a verified token is remembered: what an issuer takes back of a person, their organisation above all, is gone five minutes later at most. */
const rememberForMs = 4 * 60_000;

/** Requests to one issuer at once; further ones wait. */
const maxConcurrent = 16;

/** After one that failed no other is made for this long: nobody waits for a server that does not answer. */
const retryMs = 10_000;

/** The token to ask with, verified. */
interface VerifiedClaims {
  readonly subject: string;
  readonly expiresAtMs: number;
}

/**
 * What an issuer's userinfo endpoint (OpenID Connect Core 1.0 section 5.3) says of a token's subject: asked for each
 * token, and remembered for four minutes, never past its end. Of a token that the endpoint does not take (its person is not of there any more, or it lacks the
 * scope `openid`) nothing is said: an empty answer. `undefined` where nothing can be learned, the endpoint being down. Nobody is turned away
 * for either.
 *
 * The returned function tells when it was asked, too. It throws {@link TokenRefusedError} where the answer speaks of somebody else (section 5.3.4).
 */
export function createUserinfo(o: {
  readonly issuer: TrustedIssuer;
  readonly metadata: () => Promise<IssuerMetadata>;
  readonly nowMs: () => number;
  readonly report: (error: Error) => void;
}): (token: string, claims: VerifiedClaims) => Promise<Told | undefined> {
  const answers = new Map<
    string,
    { readonly answer: Promise<Answer>; readonly atMs: number; readonly untilMs: number }
  >();
  const queue = createQueue(maxConcurrent);
  let failedAtMs: number | undefined;

  const isResting = () => {
    const sinceMs = failedAtMs === undefined ? Number.POSITIVE_INFINITY : o.nowMs() - failedAtMs;
    return sinceMs >= 0 && sinceMs < retryMs;
  };

  const ask = (token: string, subject: string): Promise<Answer> =>
    queue(async () => {
      if (isResting()) return "no answer";
      try {
        const { userinfoEndpoint } = await o.metadata();
        if (userinfoEndpoint === undefined)
          throw new IssuerUnavailableError("The issuer's discovery document names no userinfo endpoint.");
        const claims = await fetchJson(userinfoEndpoint, { authorization: `Bearer ${token}` });
        return claims.sub === subject ? personaliaOf(o.issuer, claims) : "somebody else";
      } catch (error) {
        // RFC 6750 section 3.1: this token is not taken there, and won't be.
        const isRefused = error instanceof NoJsonError && (error.status === 401 || error.status === 403);
        if (isRefused) return "refused";
        failedAtMs = o.nowMs();
        o.report(
          new IssuerUnavailableError("The issuer's userinfo endpoint gives no answer.", { cause: error }),
        );
        return "no answer";
      }
    });

  return async (token, { subject, expiresAtMs }) => {
    const digest = tokenDigest(token);
    const nowMs = o.nowMs();
    let known = answers.get(digest);
    // A clock that was set back says nothing of how long ago it was asked.
    if (!known || known.untilMs <= nowMs || known.untilMs > nowMs + rememberForMs) {
      if (isResting()) return undefined;
      known = {
        answer: ask(token, subject),
        atMs: nowMs,
        untilMs: Math.min(expiresAtMs, nowMs + rememberForMs),
      };
      answers.delete(digest);
      const oldest = answers.size < maxRemembered ? undefined : answers.keys().next().value;
      if (oldest !== undefined) answers.delete(oldest);
      answers.set(digest, known);
    }
    const answer = await known.answer;
    if (answer === "no answer" && answers.get(digest) === known) answers.delete(digest);
    if (answer === "somebody else")
      throw new TokenRefusedError("The issuer's userinfo endpoint speaks of somebody else than the token.");
    if (answer === "no answer") return undefined;
    return { personalia: answer === "refused" ? {} : answer, atMs: known.atMs };
  };
}

interface Told {
  readonly personalia: Personalia;
  readonly atMs: number;
}

type Answer = Personalia | "no answer" | "refused" | "somebody else";

/** Runs so many at once, the others in the order in which they came. */
function createQueue(maxAtOnce: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < maxAtOnce) running += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
