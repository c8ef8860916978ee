import { hash } from "node:crypto";
import type { IssuedTokens, IssuerClient } from "./issuer-client.ts";
import { IssuerFailure } from "./issuer-failure.ts";
import type { Session } from "./session-cookies.ts";

/** An access token that lives, and the session as it is since. */
export interface HeldToken {
  readonly session: Session;
  readonly idToken?: string;
  readonly accessToken: string;
  readonly expiresAtMs: number;
}

/**
 * How long a refresh token that was exchanged is still answered with what came of it: a page that never got the answer
 * asks again with the cookie that it has. The embedded issuer's reuse window is as long.
 */
const supersededMs = 30_000;

const sweepMs = 30_000;

interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface TokenBook {
  /** What a sign-in brought. */
  hold(session: Session, tokens: IssuedTokens): HeldToken;
  /**
   * The session's access token: from memory while it has more than half its life, else by one refresh, however many ask
   * at the same time.
   *
   * @throws {IssuerFailure}
   */
  get(session: Session): Promise<HeldToken>;
  /** The session as far as this process knows, once a refresh that is under way has ended. */
  settle(session: Session): Promise<Session>;
  /** Its access token is given out no more. */
  forget(session: Session): void;
}

/**
 * Access tokens live in this process's memory and in the page's, and nowhere else. A refresh token is in memory beside
 * the access token that came with it, for as long as that is handed out.
 */
export function createTokenBook(issuer: Pick<IssuerClient, "refresh">, nowMs: () => number): TokenBook {
  const held = new Map<string, Span & { readonly token: HeldToken }>();
  const superseded = new Map<string, Span & { readonly by: Session }>();
  const pending = new Map<string, Promise<HeldToken>>();
  let sweptAtMs = nowMs();

  const spanOf = (lifetimeMs: number): Span => ({ fromMs: nowMs(), untilMs: nowMs() + lifetimeMs });
  // Not before its beginning either: a clock that was set back must not lengthen anything.
  const isNow = ({ fromMs, untilMs }: Span) => fromMs <= nowMs() && nowMs() < untilMs;

  const sweep = () => {
    if (Math.abs(nowMs() - sweptAtMs) < sweepMs) return;
    sweptAtMs = nowMs();
    for (const map of [held, superseded])
      for (const [digest, span] of map) if (!isNow(span)) map.delete(digest);
  };

  const newestOf = (session: Session): Session => {
    const next = superseded.get(digestOf(session));
    return next && isNow(next) ? newestOf(next.by) : session;
  };

  const hold = (session: Session, { accessToken, expiresInSeconds, idToken }: IssuedTokens): HeldToken => {
    sweep();
    const lifetimeMs = expiresInSeconds * 1000;
    const token = {
      session,
      accessToken,
      expiresAtMs: nowMs() + lifetimeMs,
      ...(idToken === undefined ? {} : { idToken }),
    };
    held.set(digestOf(session), { token, ...spanOf(lifetimeMs / 2) });
    return token;
  };

  const refresh = async (session: Session): Promise<HeldToken> => {
    const tokens = await issuer.refresh(session.refreshToken);
    // OpenID Connect Core 1.0 section 12.2.
    if (tokens.account !== undefined && tokens.account.subject !== session.subject)
      throw new IssuerFailure("grant-refused", "refreshing: the issuer answered for another person.");
    const next = { ...session, ...tokens.account, refreshToken: tokens.refreshToken ?? session.refreshToken };
    if (next.refreshToken !== session.refreshToken) {
      superseded.set(digestOf(session), { by: next, ...spanOf(supersededMs) });
      held.delete(digestOf(session));
    }
    return hold(next, tokens);
  };

  return {
    hold,
    async get(asked) {
      const session = newestOf(asked);
      const digest = digestOf(session);
      const known = held.get(digest);
      if (known && isNow(known)) return known.token;
      const running = pending.get(digest) ?? refresh(session).finally(() => pending.delete(digest));
      pending.set(digest, running);
      return running;
    },
    async settle(asked) {
      const session = newestOf(asked);
      try {
        return (await pending.get(digestOf(session)))?.session ?? session;
      } catch (error) {
        if (error instanceof IssuerFailure) return session;
        throw error;
      }
    },
    forget(asked) {
      const session = newestOf(asked);
      held.delete(digestOf(session));
      superseded.delete(digestOf(asked));
    },
  };
}

/** By session and refresh token. */
const digestOf = ({ id, refreshToken }: Session): string => hash("sha256", `${id} ${refreshToken}`, "base64");
