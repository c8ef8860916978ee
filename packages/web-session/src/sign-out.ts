import type { IncomingMessage } from "node:http";
import { type Answer, json } from "./answer.ts";
import { parseCookies } from "./cookie-header.ts";
import { endSession } from "./end-session.ts";
import { logFailure } from "./log-failure.ts";
import type { WebSessionContext } from "./web-session-context.ts";
import { within } from "./within.ts";

/** A person who signs out does not wait longer for a slow issuer. */
const patienceMs = 3_000;

/**
 * `POST /session/sign-out`: ends the session here and its refresh tokens at the issuer, and tells where the page goes
 * next to end the issuer's own session. It succeeds whatever the issuer does, and as often as it is asked for.
 */
export async function signOut(context: WebSessionContext, request: IncomingMessage): Promise<Answer> {
  const { sessions, issuer, logger } = context;
  const cookies = parseCookies(request.headers.cookie);
  const session = sessions.read(cookies)?.session;
  if (!session) return json({ location: "/" }, sessions.clear());
  const ending = endSession(context, session);
  const leaving = issuer.endSessionUrl(sessions.readIdToken(cookies, session)).catch((error: unknown) => {
    logFailure(logger, error);
    return undefined;
  });
  const [location] = await Promise.all([within(patienceMs, leaving), within(patienceMs, ending)]);
  return json({ location: location ?? "/" }, sessions.clear());
}
