import type { IncomingMessage } from "node:http";
import { randomNonce, randomPKCECodeVerifier, randomState } from "openid-client";
import { type Answer, problem, redirectTo } from "./answer.ts";
import { parseCookies } from "./cookie-header.ts";
import { logFailure } from "./log-failure.ts";
import { parseReturnPath } from "./return-path.ts";
import { isNavigation } from "./same-origin.ts";
import { failedSignIn } from "./sign-in-failure.ts";
import type { WebSessionContext } from "./web-session-context.ts";

/** `GET /session/sign-in?return=/path[&create=1]`: sends the browser to the issuer, and lets it remember why. */
export async function signIn(
  { issuer, flows, sessions, logger, publicUrl, path }: WebSessionContext,
  request: IncomingMessage,
  query: URLSearchParams,
): Promise<Answer> {
  if (!isNavigation(request))
    return problem("cross-site", "Signing in is a page to go to, not something to fetch or to frame.");
  const cookies = parseCookies(request.headers.cookie);
  const before = sessions.read(cookies)?.session.id;
  const flow = {
    state: randomState(),
    nonce: randomNonce(),
    codeVerifier: randomPKCECodeVerifier(),
    returnTo: parseReturnPath(query.get("return"), { publicUrl, exceptBelow: path }),
    ...(before === undefined ? {} : { replaces: before }),
  };
  try {
    const location = await issuer.authorizationUrl(flow, { create: query.get("create") === "1" });
    return redirectTo(location, flows.begin(flow, cookies));
  } catch (error) {
    return failedSignIn(logFailure(logger, error));
  }
}
