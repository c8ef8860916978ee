import type { IncomingMessage } from "node:http";
import { type Answer, json } from "./answer.ts";
import { parseCookies } from "./cookie-header.ts";
import { logFailure } from "./log-failure.ts";
import type { WebSessionContext } from "./web-session-context.ts";

/**
 * `POST /session/sign-out`: ends the session here and its refresh tokens at the issuer, and tells where the page goes
 * next to end the issuer's own session. It succeeds whatever the issuer does, and as often as it is asked for.
 */
export async function signOut(
  { sessions, tokens, ended, issuer, logger }: WebSessionContext,
  request: IncomingMessage,
): Promise<Answer> {
  const cookies = parseCookies(request.headers.cookie);
  const session = sessions.read(cookies)?.session;
  if (!session) return json({ location: "/" }, sessions.clear());
  // First of all: what is under way must find it ended.
  ended.add(session.id);
  const { idToken = sessions.readIdToken(cookies, session), ...newest } = await tokens.settle(session);
  tokens.forget(newest);
  let location = "/";
  try {
    location = (await issuer.endSessionUrl(idToken)) ?? "/";
    await issuer.revoke(newest.refreshToken);
  } catch (error) {
    logFailure(logger, error);
  }
  return json({ location }, sessions.clear());
}
