import { logDefect, logFailure } from "./log-failure.ts";
import type { WebSessionContext } from "./web-session-context.ts";

/** Waits before each further try, in milliseconds: an hour in all. */
const waitsMs = [1_000, 5_000, 30_000, 120_000, 600_000, 2_844_000];

/**
 * Goes on revoking a refresh token while its issuer can't be reached: a copy of it would work for as long as it lives,
 * though its person signed out. Ends with this process, and after an hour; each failure is in the log.
 */
export function revokeLater(context: WebSessionContext, refreshToken: string): void {
  tryAgain(context, refreshToken).catch((error: unknown) => logDefect(context.logger, error));
}

async function tryAgain({ issuer, logger, wait }: WebSessionContext, refreshToken: string): Promise<void> {
  for (const waitMs of waitsMs) {
    await wait(waitMs);
    try {
      await issuer.revoke(refreshToken);
      return;
    } catch (error) {
      if (logFailure(logger, error) !== "unreachable") return;
    }
  }
}
