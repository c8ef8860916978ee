import type { IdSource, MetadataStore, PrincipalRecord } from "@stowage/core";
import type { Scope } from "@stowage/protocol";
import type { FastifyRequest, onRequestAsyncHookHandler } from "fastify";
import { ApiError } from "../problems/api-error.ts";
import { tokenDigest } from "./token-digest.ts";
import { createTokenVerifier } from "./token-verifier.ts";
import { IssuerUnavailableError, TokenRefusedError, type TrustedIssuer } from "./trusted-issuer.ts";

/** Who sends a request, and what their token allows. */
export interface Caller {
  readonly id: string;
  readonly scopes: ReadonlySet<string>;
}

interface Remembered {
  readonly caller: Caller;
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

/** A hook for a route: runs before the body is read, let alone judged. */
export type Authenticate = (scope?: Scope) => onRequestAsyncHookHandler;

const callers = new WeakMap<FastifyRequest, Caller>();

/** Who sends this request, on a route that authenticates. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (!caller) throw new Error("The route does not authenticate.");
  return caller;
}

/** Whose request it is, where that is known: an opaque id, for the log. */
export const callerIdOf = (request: FastifyRequest): string | undefined => callers.get(request)?.id;

/**
 * Finds out who sends a request. The principal's row is made at the first valid token; verified tokens are
 * remembered for a minute at most, and never past their end.
 */
export function createAuthenticate(o: {
  readonly issuers: readonly TrustedIssuer[];
  readonly metadata: Pick<MetadataStore, "ensurePrincipal">;
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

  async function callerWith(token: string): Promise<Caller> {
    const digest = tokenDigest(token);
    const nowMs = o.nowMs();
    const known = remembered.get(digest);
    if (known && known.untilMs > nowMs) return known.caller;
    remembered.delete(digest);
    const { identity, scopes, expiresAtMs } = await verify(token);
    const principal: PrincipalRecord = await o.metadata.ensurePrincipal({
      ...identity,
      newId: o.ids.newId(),
    });
    const caller = { id: principal.id, scopes };
    if (remembered.size >= maxRemembered) {
      const oldest = remembered.keys().next().value;
      if (oldest !== undefined) remembered.delete(oldest);
    }
    remembered.set(digest, { caller, untilMs: Math.min(nowMs + rememberForMs, expiresAtMs) });
    return caller;
  }

  return (scope) => async (request) => {
    const header = request.headers.authorization;
    if (header === undefined)
      throw challenge("Send an access token: Authorization: Bearer <token>.", undefined);
    const token = bearer.exec(header)?.[1];
    if (token === undefined)
      throw challenge("The Authorization header is not of the form: Bearer <token>.", "invalid_request");
    const caller = await callerWith(token).catch((error: unknown) => {
      if (error instanceof TokenRefusedError) throw challenge(error.message, "invalid_token", error);
      if (error instanceof IssuerUnavailableError)
        throw new ApiError("unavailable", "The issuer of the token does not answer right now.", {
          cause: error,
          headers: { "retry-after": String(issuerRetrySeconds) },
        });
      throw error;
    });
    if (scope !== undefined) assertScope(caller, scope);
    callers.set(request, caller);
  };
}

/** @throws ApiError `insufficient-scope` */
export function assertScope({ scopes }: Caller, scope: Scope): void {
  if (!scopes.has(scope))
    throw new ApiError("insufficient-scope", `The token lacks the scope ${scope}.`, {
      headers: { "www-authenticate": `Bearer error="insufficient_scope", scope="${scope}"` },
    });
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
