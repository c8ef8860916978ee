import { anonymous, type IdSource, type MetadataStore, type Principal } from "@stowage/core";
import type { Scope } from "@stowage/protocol";
import type { FastifyRequest, onRequestHookHandler } from "fastify";
import { ApiError } from "../problems/api-error.ts";
import { type CapabilityTokens, capabilityRefused, isCapabilityToken } from "./capability-tokens.ts";
import { createSignOutWatch } from "./sign-out-watch.ts";
import { tokenDigest } from "./token-digest.ts";
import { createTokenVerifier } from "./token-verifier.ts";
import { IssuerUnavailableError, TokenRefusedError, type TrustedIssuer } from "./trusted-issuer.ts";

/** Who sends a request, and what their token allows. */
export interface Caller extends Principal {
  readonly scopes: ReadonlySet<string>;
  /** When an issuer issued their token; absent: they came without one of an issuer's. */
  readonly issuedAtMs?: number;
  /** How far that issuer's clock was seen to be ahead of ours. Default: not at all. */
  readonly issuerAheadMs?: number;
}

interface Remembered {
  readonly caller: Caller & { readonly issuedAtMs: number };
  readonly untilMs: number;
}

/** As long as the first fetch from an issuer that failed is not repeated. */
const issuerRetrySeconds = 10;

/** Longest time for which a verified token is believed without a second look. */
const rememberForMs = 60_000;

/** Verified tokens that are remembered at once. */
const maxRemembered = 10_000;

/** b64token of RFC 6750 section 2.1. */
const bearer = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i;

/**
 * A hook for a route, which needs these scopes, all of them: runs before the body is read, let alone judged. No promise is made for a token that is remembered.
 *
 * @param options.orAnonymous whether a request without any token is taken too, as {@link anonymous}; one with a bad token is not. Default no
 * @param options.orToSend whether a token that a person minted needs no more than `uploads:write`: the route tells it only what sending takes.
 *   Default no
 */
export type Authenticate = (
  scope?: Scope | readonly Scope[],
  options?: { readonly orAnonymous?: boolean; readonly orToSend?: boolean },
) => onRequestHookHandler;

const callers = new WeakMap<FastifyRequest, Caller>();

/** By anonymous requests: what they are answered where there is nothing for everyone. */
const challenges = new WeakMap<FastifyRequest, ApiError>();

const anonymousCaller: Caller = { ...anonymous, scopes: new Set<Scope>(["files:read"]) };

/** `unauthenticated`, for a request without a token that would need one; absent for any other. */
export const challengeOf = (request: FastifyRequest): ApiError | undefined => challenges.get(request);

/** Who sends this request, on a route that authenticates. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (!caller) throw new Error("The route does not authenticate.");
  return caller;
}

/** Who sends this request, where that is known. */
export const findCaller = (request: FastifyRequest): Caller | undefined => callers.get(request);

/** Whose request it is, where that is known: an opaque id, for the log. */
export function callerIdOf(request: FastifyRequest): string | undefined {
  const caller = callers.get(request);
  return caller === anonymousCaller ? undefined : caller?.id;
}

/**
 * Finds out who sends a request. The principal's row is made at the first valid token; verified tokens are
 * remembered for a minute at most, never past their end, and hardly a second past the one in which their person signed out everywhere.
 * Capability tokens are Stowage's own, and never remembered: the row of each is looked at in every request, so that one which was taken
 * back is good for nothing at once.
 */
export function createAuthenticate(o: {
  readonly issuers: readonly TrustedIssuer[];
  readonly metadata: Pick<
    MetadataStore,
    "deleteAccount" | "ensurePrincipal" | "findCapability" | "findTokensValidFrom" | "listSignedOut"
  >;
  readonly capabilityTokens: CapabilityTokens;
  readonly ids: Pick<IdSource, "newId">;
  readonly nowMs: () => number;
  /** Where clients read how to get a token (RFC 9728 section 5.1); named where one is missing or bad. */
  readonly resourceMetadataUrl?: string;
  /** Is told of each fetch from an issuer that fails. Default: nobody is. */
  readonly report?: (issuer: string, error: Error) => void;
}): Authenticate {
  const verify = createTokenVerifier({
    issuers: o.issuers,
    nowMs: o.nowMs,
    report: o.report ?? (() => undefined),
  });
  const challenge = createChallenge(o.resourceMetadataUrl);
  const remembered = new Map<string, Remembered>();
  const signOuts = createSignOutWatch({ metadata: o.metadata, nowMs: o.nowMs, rememberForMs });

  /** What was ended since is looked at anew, which refuses it. */
  function remembering(digest: string): Caller | undefined {
    const known = remembered.get(digest);
    const leftMs = known ? known.untilMs - o.nowMs() : 0;
    // What seems to be left of more than that was written down by a clock that was set back since: sign-outs of so long ago are not watched.
    if (
      known &&
      leftMs > 0 &&
      leftMs <= rememberForMs &&
      !signOuts.isSignedOut(known.caller.id, known.caller.issuedAtMs)
    )
      return known.caller;
    remembered.delete(digest);
    return undefined;
  }

  async function holding(token: string): Promise<Caller> {
    const holder = await o.metadata.findCapability(await o.capabilityTokens.verify(token));
    if (!holder) throw new TokenRefusedError(capabilityRefused);
    const { principalId: id, scopes, ...held } = holder;
    return { ...held, id, scopes: new Set(scopes) };
  }

  async function verified(token: string, digest: string): Promise<Caller> {
    const nowMs = o.nowMs();
    const { identity, scopes, issuedAtMs, expiresAtMs, issuerAheadMs, ...said } = await verify(token);
    const validFrom = await o.metadata.findTokensValidFrom(identity);
    if (validFrom && issuedAtMs < validFrom.tokensValidFromMs)
      throw validFrom.isDeleted ? accountDeleted() : new TokenRefusedError(signedOut);
    const newId = o.ids.newId();
    const { id, organisationId } = await o.metadata.ensurePrincipal({ ...identity, ...said, newId });
    if (id === newId) await assertNotDeleted(identity, issuedAtMs, id);
    const organised = organisationId === undefined ? {} : { organisationId };
    const caller = { id, ...organised, scopes, issuedAtMs, issuerAheadMs };
    if (remembered.size >= maxRemembered) {
      const oldest = remembered.keys().next().value;
      if (oldest !== undefined) remembered.delete(oldest);
    }
    remembered.set(digest, { caller, untilMs: Math.min(nowMs + rememberForMs, expiresAtMs) });
    return caller;
  }

  /** Whoever was deleted after their token was looked at does not come back by it: what it made is deleted, too. */
  async function assertNotDeleted(
    identity: Parameters<typeof o.metadata.findTokensValidFrom>[0],
    issuedAtMs: number,
    principalId: string,
  ): Promise<void> {
    const validFrom = await o.metadata.findTokensValidFrom(identity);
    if (!validFrom || issuedAtMs >= validFrom.tokensValidFromMs) return;
    await o.metadata.deleteAccount({ principalId });
    throw accountDeleted();
  }

  const refusalOf = (error: unknown): Error => {
    if (error instanceof TokenRefusedError) return challenge(error.message, "invalid_token", error);
    if (error instanceof IssuerUnavailableError)
      return new ApiError("unavailable", "The issuer of the token does not answer right now.", {
        cause: error,
        headers: { "retry-after": String(issuerRetrySeconds) },
      });
    return error instanceof Error ? error : new Error(String(error));
  };

  return (scope, options) => (request, _reply, done) => {
    const header = request.headers.authorization;
    if (header === undefined) {
      const missing = challenge("Send an access token: Authorization: Bearer <token>.", undefined);
      if (!options?.orAnonymous) return done(missing);
      callers.set(request, anonymousCaller);
      challenges.set(request, missing);
      return done();
    }
    const token = bearer.exec(header)?.[1];
    if (token === undefined)
      return done(
        challenge("The Authorization header is not of the form: Bearer <token>.", "invalid_request"),
      );
    const admit = (caller: Caller): Error | undefined => {
      // Also of who is refused: whose denial it is, is known.
      callers.set(request, caller);
      if (scope === undefined || (options?.orToSend && isSender(caller))) return undefined;
      return scopeRefusal(caller, scope);
    };
    const digest = tokenDigest(token);
    const find = () => (isCapabilityToken(token) ? holding(token) : verified(token, digest));
    if (signOuts.isFresh()) {
      const known = remembering(digest);
      if (known) return done(admit(known));
      void find().then(admit).catch(refusalOf).then(done);
      return;
    }
    void signOuts
      .refresh()
      .then(() => remembering(digest) ?? find())
      .then(admit)
      .catch(refusalOf)
      .then(done);
  };
}

const accountDeleted = (): ApiError =>
  new ApiError("account-deleted", "This account was deleted. Whoever signs in again has a new one.", {
    headers: { "www-authenticate": 'Bearer realm="stowage", error="invalid_token"' },
  });

const signedOut = "The token was issued before its person signed out everywhere: sign in again.";

const isSender = ({ capability, scopes }: Caller): boolean =>
  capability?.kind === "delegation" && scopes.has("uploads:write");

/** RFC 6750 section 3.1: names all that the route needs. */
function scopeRefusal({ scopes }: Caller, needed: Scope | readonly Scope[]): ApiError | undefined {
  const all = typeof needed === "string" ? [needed] : needed;
  const lacking = all.find((scope) => !scopes.has(scope));
  if (lacking === undefined) return undefined;
  return new ApiError("insufficient-scope", `The token lacks the scope ${lacking}.`, {
    headers: { "www-authenticate": `Bearer error="insufficient_scope", scope="${all.join(" ")}"` },
  });
}

/** @throws ApiError `insufficient-scope` */
export function assertScope(caller: Caller, scope: Scope): void {
  const refusal = scopeRefusal(caller, scope);
  if (refusal) throw refusal;
}

/** RFC 6750 section 3. */
const createChallenge =
  (resourceMetadataUrl: string | undefined) =>
  (detail: string, error: string | undefined, cause?: Error): ApiError => {
    const metadata = resourceMetadataUrl === undefined ? "" : `, resource_metadata="${resourceMetadataUrl}"`;
    const reason = error === undefined ? "" : `, error="${error}", error_description="${detail}"`;
    return new ApiError("unauthenticated", detail, {
      ...(cause ? { cause } : {}),
      headers: { "www-authenticate": `Bearer realm="stowage"${metadata}${reason}` },
    });
  };
