import { createHash, randomBytes } from "node:crypto";
import type { ScriptLessBrowser } from "./script-less-browser.ts";

/** What a native client of the issuer keeps to itself between asking and being answered (RFC 7636, OIDC Core §3.1). */
export interface FlowSecrets {
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
}

export const randomText = (): string => randomBytes(24).toString("base64url");

export const makeFlowSecrets = (): FlowSecrets => ({
  verifier: randomText() + randomText(),
  state: randomText(),
  nonce: randomText(),
});

export const challengeOf = (verifier: string): string =>
  createHash("sha256").update(verifier).digest("base64url");

/** Of the command line: a loopback address on a port that nobody listens on, where the test itself catches the answer. */
export const cliRedirect = "http://127.0.0.1:9/callback";

/** The parameters of a sound request of the command line's client; `undefined` in `over` leaves one out. */
export function authorizationUrl(
  issuer: string,
  { verifier, state, nonce }: FlowSecrets,
  over: Readonly<Record<string, string | undefined>> = {},
): string {
  const parameters: Readonly<Record<string, string | undefined>> = {
    client_id: "stowage-cli",
    response_type: "code",
    redirect_uri: cliRedirect,
    scope: "openid email profile offline_access files:read",
    code_challenge: challengeOf(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
    ...over,
  };
  const query = Object.entries(parameters).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return `${issuer}/auth?${new URLSearchParams(query)}`;
}

/**
 * Sends an authorization request from a browser whose person is signed in at the issuer, says yes to what it asks, and
 * answers the address that the client would have got.
 */
export async function authorize(browser: ScriptLessBrowser, url: string): Promise<URL> {
  const stopAtClient = (next: URL) => (next.href.startsWith(`${cliRedirect}?`) ? undefined : next);
  const page = await browser.follow(url, stopAtClient);
  const last =
    page.location === undefined ? await browser.submit(page, { answer: "yes" }, stopAtClient) : page;
  if (last.location === undefined)
    throw new Error(`The flow ended at ${last.url} (${last.status}): ${last.text.slice(0, 800)}`);
  return last.location;
}

export interface TokenAnswer {
  readonly status: number;
  readonly body: {
    readonly access_token?: string;
    readonly refresh_token?: string;
    readonly id_token?: string;
    readonly error?: string;
  };
}

/** `POST /token` as a public client sends it. */
export async function askTokenEndpoint(
  issuer: string,
  parameters: Readonly<Record<string, string>>,
): Promise<TokenAnswer> {
  const answer = await fetch(`${issuer}/token`, {
    method: "POST",
    body: new URLSearchParams({ client_id: "stowage-cli", ...parameters }),
  });
  return { status: answer.status, body: (await answer.json()) as TokenAnswer["body"] };
}
