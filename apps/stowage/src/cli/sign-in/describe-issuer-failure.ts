import { escapeText } from "../escape-text.ts";

/** What became of a request to an issuer. */
export interface IssuerFailure {
  /**
   * `refused`: the issuer said no, and would again. `unavailable`: nothing is known, and another time it may work.
   * `insecure`: it was not asked, since the way to it is not safe.
   */
  readonly kind: "refused" | "unavailable" | "insecure";
  /** OAuth's error code where the issuer said one, such as `invalid_grant`. */
  readonly code?: string;
  /** A clause that goes on from "The issuer …"; no token is in it, and nothing that a terminal would act on. */
  readonly words: string;
}

/** Longest text of an issuer's own that is repeated. */
const maxWords = 300;

const networkWords: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "nothing listens there"],
  ["ENOTFOUND", "there is no such host name"],
  ["EAI_AGAIN", "its host name can't be looked up right now"],
  ["ECONNRESET", "the connection broke"],
  ["UND_ERR_SOCKET", "the connection broke"],
  ["ETIMEDOUT", "no answer came in time"],
  ["UND_ERR_CONNECT_TIMEOUT", "no answer came in time"],
  ["ENETUNREACH", "the network can't be reached"],
  ["EHOSTUNREACH", "the host can't be reached"],
]);

/** Reads an error of openid-client, or of fetch. */
export function describeIssuerFailure(error: unknown): IssuerFailure {
  const { code, status } = membersOf(error);
  if (code === "OAUTH_RESPONSE_BODY_ERROR" || code === "OAUTH_AUTHORIZATION_RESPONSE_ERROR")
    return oauthFailure(error, status);
  if (code === "OAUTH_HTTP_REQUEST_FORBIDDEN")
    return { kind: "insecure", words: "wants to be reached without https, which is not safe" };
  if (code === "OAUTH_TIMEOUT") return unavailable("does not answer");
  if (code === "OAUTH_JWT_TIMESTAMP_CHECK_FAILED")
    return {
      kind: "refused",
      words: "gave a token of another time: set this machine's clock right",
    };
  if (typeof code === "string" && code.startsWith("OAUTH_"))
    return unavailable(`answers, but not as an issuer does (${messageOf(error)})`);
  return unavailable(`can't be reached: ${describeNetworkFailure(error)}`);
}

/** Why a fetch came to nothing. Node's says only "fetch failed", and the reason in its cause. */
export function describeNetworkFailure(error: unknown): string {
  if (error instanceof Error && error.name === "TimeoutError") return "no answer came in time";
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code } = membersOf(cause);
  if (typeof code === "string") {
    const words = networkWords.get(code);
    if (words !== undefined) return words;
    if (/CERT|SELF_SIGNED|UNABLE_TO|TLS/.test(code)) return `its certificate is not trusted (${code})`;
  }
  return messageOf(cause);
}

function oauthFailure(error: unknown, status: unknown): IssuerFailure {
  const { error: code, error_description: description } = membersOf(error);
  const isAway =
    (typeof status === "number" && (status >= 500 || status === 429)) ||
    code === "temporarily_unavailable" ||
    code === "server_error";
  const said = [code, description].filter((text) => typeof text === "string" && text !== "");
  const words = `says ${short(said.join(": "))}`;
  return isAway ? unavailable(words) : { kind: "refused", words, ...(typeof code === "string" && { code }) };
}

const unavailable = (words: string): IssuerFailure => ({ kind: "unavailable", words });

const membersOf = (error: unknown): Readonly<Record<string, unknown>> =>
  error instanceof Error ? (error as Error & Record<string, unknown>) : {};

const messageOf = (error: unknown): string =>
  short(error instanceof Error ? error.message : String(error)).replace(/\.$/, "");

const short = (text: string): string =>
  escapeText(text.length > maxWords ? `${text.slice(0, maxWords)}…` : text);
