import { maxCookieBytes } from "./cookie-header.ts";
import type { CookiePlace } from "./cookie-place.ts";
import { createSealer } from "./sealed-value.ts";

/** What the browser keeps for us, sealed: who is signed in, and what to get their next access token with. */
export interface Session {
  /** Random; the same from sign-in to sign-out, whatever the refresh token becomes. */
  readonly id: string;
  readonly refreshToken: string;
  readonly subject: string;
  /** Milliseconds since 1970; absent of sessions that were begun before that was kept. */
  readonly signedInAtMs?: number;
  readonly email?: string;
  readonly name?: string;
}

export interface ReadSession {
  readonly session: Session;
  /** So old that its cookie should be set again, lest it end though its person comes every day. */
  readonly isDueForRenewal: boolean;
}

/** The issuer's refresh token is longer than a cookie can hold. */
export class SessionTooLargeError extends Error {
  override readonly name = "SessionTooLargeError";
}

/** Of a session, each time that its cookie is set. What ends it before is the issuer's business. */
export const sessionLifetimeSeconds = 30 * 24 * 3600;

const renewAfterMs = 24 * 3_600_000;

export interface SessionCookies {
  /** The browser sent one of ours, whatever it is worth: somebody is signed in there, or was. */
  wereSent(cookies: ReadonlyMap<string, string>): boolean;
  read(cookies: ReadonlyMap<string, string>): ReadSession | undefined;
  /** The ID token of this very session, where it was small enough to be kept. */
  readIdToken(cookies: ReadonlyMap<string, string>, session: Session): string | undefined;
  /**
   * `Set-Cookie` lines. Without an ID token the one kept stays as it is.
   *
   * @throws {SessionTooLargeError}
   */
  set(session: Session, idToken: string | undefined): string[];
  /** `Set-Cookie` lines that remove both. */
  clear(): string[];
}

/**
 * Two cookies: the session, and the ID token, which only the issuer's sign-out needs. Of issuers such as Cognito either
 * may take half of what one cookie may be. An ID token that does not fit is not kept: the issuer then asks the person
 * whether to sign out. `SameSite=Strict`: no other site's page makes a browser send them.
 */
export function createSessionCookies(o: {
  readonly place: CookiePlace;
  readonly key: Uint8Array;
  readonly context: readonly string[];
  readonly nowMs: () => number;
}): SessionCookies {
  const sessionName = o.place.nameOf("session");
  const idTokenName = o.place.nameOf("id-token");
  const common = { ...o, lifetimeMs: sessionLifetimeSeconds * 1000 };
  const sessions = createSealer<Session>({ ...common, purpose: "session" });
  const idTokens = createSealer<readonly [sessionId: string, idToken: string]>({
    ...common,
    purpose: "id token",
  });
  const line = (name: string, value: string, maxAgeSeconds = sessionLifetimeSeconds) =>
    o.place.setLine({ name, value, sameSite: "Strict", maxAgeSeconds });

  return {
    wereSent: (cookies) => cookies.has(sessionName) || cookies.has(idTokenName),
    read(cookies) {
      const opened = sessions.open(cookies.get(sessionName) ?? "");
      return (
        opened && {
          session: opened.value,
          isDueForRenewal: o.nowMs() - opened.sealedAtMs > renewAfterMs,
        }
      );
    },
    readIdToken(cookies, session) {
      const [sessionId, idToken] = idTokens.open(cookies.get(idTokenName) ?? "")?.value ?? [];
      return sessionId === session.id ? idToken : undefined;
    },
    set(session, idToken) {
      const sessionLine = line(sessionName, sessions.seal(session));
      if (sessionLine.length > maxCookieBytes)
        throw new SessionTooLargeError(
          `The issuer's refresh token of ${session.refreshToken.length} characters makes a cookie of ${sessionLine.length} bytes; browsers take ${maxCookieBytes}.`,
        );
      if (idToken === undefined) return [sessionLine];
      const idTokenLine = line(idTokenName, idTokens.seal([session.id, idToken]));
      return [sessionLine, idTokenLine.length > maxCookieBytes ? line(idTokenName, "", 0) : idTokenLine];
    },
    clear: () => [line(sessionName, "", 0), line(idTokenName, "", 0)],
  };
}
