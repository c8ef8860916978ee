import { logFailure } from "./log-failure.ts";
import { revokeLater } from "./revoke-later.ts";
import type { Session } from "./session-cookies.ts";
import type { WebSessionContext } from "./web-session-context.ts";

/**
 * Ends a session in this process at once, and revokes its refresh token at the issuer: the one that came of a refresh
 * which is under way, where there is one. An issuer that can't be reached is asked again later, by this process.
 */
export async function endSession(context: WebSessionContext, session: Session): Promise<void> {
  const { ended, tokens, issuer, logger } = context;
  // First of all: what is under way must find it ended.
  ended.add(session.id);
  const newest = await tokens.settle(session);
  tokens.forget(newest);
  try {
    await issuer.revoke(newest.refreshToken);
  } catch (error) {
    if (logFailure(logger, error) === "unreachable") revokeLater(context, newest.refreshToken);
  }
}
