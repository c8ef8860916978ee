import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from "openid-client";

/** What went wrong between us and the issuer. */
export type IssuerFailureKind =
  /** The person, or the issuer in their name, said no. */
  | "denied"
  /** The code or refresh token is no good (any more): `invalid_grant`, RFC 6749 section 5.2. */
  | "grant-refused"
  /** No answer, a late one, a 5xx, or one that is no issuer's: it may work later. */
  | "unreachable"
  /** It does not know us, or not what we ask for: an operator must look. */
  | "misconfigured"
  /** State, `iss`, nonce, signature, audience or times of its answer are not as they must be. */
  | "not-believed";

/** Its message is for the log: it holds no code, token or state. */
export class IssuerFailure extends Error {
  override readonly name = "IssuerFailure";
  readonly kind: IssuerFailureKind;
  constructor(kind: IssuerFailureKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

const temporary: ReadonlySet<string> = new Set(["temporarily_unavailable", "server_error", "slow_down"]);

const denials: ReadonlySet<string> = new Set([
  "access_denied",
  "login_required",
  "consent_required",
  "interaction_required",
  "account_selection_required",
]);

/** Of openid-client's codes, those by which an answer is not one of an issuer that works. */
const unreachableCodes: ReadonlySet<string> = new Set([
  "OAUTH_RESPONSE_IS_NOT_CONFORM",
  "OAUTH_RESPONSE_IS_NOT_JSON",
  "OAUTH_PARSE_ERROR",
  "OAUTH_TIMEOUT",
  "OAUTH_ABORT",
]);

const misconfiguredCodes: ReadonlySet<string> = new Set([
  "OAUTH_HTTP_REQUEST_FORBIDDEN",
  "OAUTH_REQUEST_PROTOCOL_FORBIDDEN",
  "OAUTH_MISSING_SERVER_METADATA",
  "OAUTH_INVALID_SERVER_METADATA",
  "OAUTH_UNSUPPORTED_OPERATION",
]);

/** An issuer's own words, as they may stand in a log. */
const printable = (text: string | undefined): string =>
  text === undefined || text === "" ? "" : ` (${text.replace(/[^ -~]/g, "?").slice(0, 200)})`;

/**
 * Sorts what openid-client throws. The error itself is dropped: its `cause` holds the parameters of the callback or the
 * claims of a token.
 */
export function issuerFailureOf(error: unknown, doing: string): IssuerFailure {
  if (error instanceof IssuerFailure) return error;
  if (error instanceof ResponseBodyError) {
    const kind =
      error.status === 429 || temporary.has(error.error)
        ? "unreachable"
        : error.error === "invalid_grant"
          ? "grant-refused"
          : "misconfigured";
    const said = `${printable(error.error)}${printable(error.error_description)}`;
    return new IssuerFailure(kind, `${doing}: the issuer answered ${error.status}${said}.`);
  }
  if (error instanceof WWWAuthenticateChallengeError)
    return new IssuerFailure("misconfigured", `${doing}: the issuer answered ${error.status}.`);
  if (error instanceof AuthorizationResponseError) {
    const kind = temporary.has(error.error)
      ? "unreachable"
      : denials.has(error.error)
        ? "denied"
        : "misconfigured";
    return new IssuerFailure(kind, `${doing}: the issuer answered${printable(error.error)}.`);
  }
  const code = codeOf(error);
  if (error instanceof ClientError || code?.startsWith("OAUTH_")) {
    // Without a code: fetch failed in a way that openid-client does not know.
    const kind =
      code === undefined || unreachableCodes.has(code)
        ? "unreachable"
        : misconfiguredCodes.has(code)
          ? "misconfigured"
          : "not-believed";
    const message = error instanceof Error ? error.message : "";
    return new IssuerFailure(kind, `${doing}: ${message}${printable(code)}.`);
  }
  // What `fetch` throws has no code of its own; what a wrong argument throws has, and is a defect of ours.
  if (error instanceof TypeError && code === undefined)
    return new IssuerFailure(
      "unreachable",
      `${doing}: the issuer can't be reached${printable(causeOf(error))}.`,
    );
  throw error;
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;

const causeOf = ({ cause }: Error): string | undefined =>
  codeOf(cause) ?? (cause instanceof Error ? cause.message : undefined);
