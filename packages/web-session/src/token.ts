import type { IncomingMessage } from "node:http";
import { type Answer, json, noContent, problem } from "./answer.ts";
import { parseCookies } from "./cookie-header.ts";
import { logFailure } from "./log-failure.ts";
import type { WebSessionContext } from "./web-session-context.ts";

const retryAfterSeconds = "5";

/**
 * `POST /session/token`: an access token for the page's memory, and who it is for. A browser without a session has asked
 * nothing amiss: 204, while one whose session has ended is told so.
 */
export async function token(
  { sessions, tokens, ended, sessionsEndedAtMs, logger, nowMs }: WebSessionContext,
  request: IncomingMessage,
): Promise<Answer> {
  const cookies = parseCookies(request.headers.cookie);
  if (!sessions.wereSent(cookies)) return noContent;
  const read = sessions.read(cookies);
  const signedOut = (setLines: readonly string[]) =>
    problem("signed-out", "Nobody is signed in here: sign in.", { cookies: setLines });
  if (!read || ended.has(read.session.id)) return signedOut(sessions.clear());
  const endedAtMs = await sessionsEndedAtMs(read.session.subject);
  if ((read.session.signedInAtMs ?? 0) < (endedAtMs ?? 0)) return signedOut(sessions.clear());
  try {
    const { session, idToken: newIdToken, accessToken, expiresAtMs } = await tokens.get(read.session);
    // Whatever ended the session meanwhile has set the cookies as they must be.
    if (ended.has(session.id)) return signedOut([]);
    const { subject, email, name } = session;
    const idToken = newIdToken ?? sessions.readIdToken(cookies, session);
    const isNew = session.refreshToken !== read.session.refreshToken || read.isDueForRenewal;
    return json(
      {
        accessToken,
        expiresInSeconds: Math.max(0, Math.floor((expiresAtMs - nowMs()) / 1000)),
        account: {
          subject,
          ...(email === undefined ? {} : { email }),
          ...(name === undefined ? {} : { name }),
        },
      },
      isNew ? sessions.set(session, idToken) : [],
    );
  } catch (error) {
    if (logFailure(logger, error) === "grant-refused")
      return signedOut(ended.has(read.session.id) ? [] : sessions.clear());
    return problem("unavailable", "Who signed you in does not answer right now. You stay signed in.", {
      headers: { "Retry-After": retryAfterSeconds },
    });
  }
}
