import { logFailure } from "./log-failure.ts";
import type { Session } from "./session-cookies.ts";
import type { WebSessionContext } from "./web-session-context.ts";

/**
 * Ends a session in this process at once, and revokes its refresh token at the issuer: the one that came of a refresh
 * which is under way, where there is one. That the issuer can't be reached is logged; the token is in nobody's hands then.
 */
export async function endSession(
  { ended, tokens, issuer, logger }: WebSessionContext,
  session: Session,
): Promise<void> {
  // First of all: what is under way must find it ended.
  ended.add(session.id);
  const newest = await tokens.settle(session);
  tokens.forget(newest);
  try {
    await issuer.revoke(newest.refreshToken);
  } catch (error) {
    logFailure(logger, error);
  }
}
