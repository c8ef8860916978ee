import { setTimeout as sleep } from "node:timers/promises";
import { cookiePlaceOf } from "./cookie-place.ts";
import { createEndedSessions, type EndedSessions } from "./ended-sessions.ts";
import { createFlowCookies, type FlowCookies } from "./flow-cookies.ts";
import { createIssuerClient, type IssuerClient, type IssuerFetch } from "./issuer-client.ts";
import { createSessionCookies, type SessionCookies } from "./session-cookies.ts";
import { createTokenBook, type TokenBook } from "./token-book.ts";
import { createUsedFlows, type UsedFlows } from "./used-flows.ts";

/** Takes lines for the log, as pino does. Nothing secret is in them. */
export interface WebSessionLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface WebSessionOptions {
  /** Origin of the pages, e.g. `https://files.example`. Everything is derived from it, nothing from a request's `Host`. */
  readonly publicUrl: string;
  /** Where on that origin the handler is mounted. Default `/session`. */
  readonly path?: string;
  /** The issuer's identifier, exactly as in its metadata. */
  readonly issuer: string;
  readonly clientId: string;
  /** Of a confidential client. Default: a public one. */
  readonly clientSecret?: string;
  /** Space-separated. `openid` must be in it, and what the issuer gives refresh tokens for, mostly `offline_access`. */
  readonly scope: string;
  /** RFC 8707: what the access tokens are for. */
  readonly resource?: string;
  /** Further ones, such as Auth0's `audience` or Google's `access_type`. The protocol's own are not overridden. */
  readonly authorizationParameters?: Readonly<Record<string, string>>;
  /** 32 bytes. Sessions end when it changes. */
  readonly key: Uint8Array;
  /** Default: Node's. */
  readonly fetch?: IssuerFetch;
  /**
   * For one request to the issuer. Default 10. A refresh whose answer is lost is repeated with the same refresh token:
   * keep it well below the issuer's reuse window.
   */
  readonly issuerTimeoutSeconds?: number;
  /**
   * Whether each sign-in has a grant of its own at this issuer, so that revoking what one of them got leaves a person's
   * others alone. Then a sign-in of the same person ends the one before; elsewhere it would end itself. Default: false.
   */
  readonly hasGrantPerSignIn?: boolean;
  /**
   * When a person's sessions were last ended from elsewhere, whatever their issuer says of them; milliseconds since 1970. Asked
   * whenever a page asks for a token. Default: never.
   */
  readonly sessionsEndedAtMs?: (subject: string) => Promise<number | undefined>;
  readonly now?: () => Date;
  /** Resolves after that time. Default: a timer that keeps no process alive. */
  readonly wait?: (delayMs: number) => Promise<void>;
  /** Default: silent. */
  readonly logger?: WebSessionLogger;
}

/** What the four endpoints share. */
export interface WebSessionContext {
  readonly publicUrl: string;
  readonly path: string;
  readonly issuer: IssuerClient;
  readonly sessions: SessionCookies;
  readonly flows: FlowCookies;
  readonly usedFlows: UsedFlows;
  readonly tokens: TokenBook;
  readonly ended: EndedSessions;
  readonly logger: WebSessionLogger;
  readonly hasGrantPerSignIn: boolean;
  readonly sessionsEndedAtMs: (subject: string) => Promise<number | undefined>;
  readonly nowMs: () => number;
  readonly wait: (delayMs: number) => Promise<void>;
}

export function createWebSessionContext(o: WebSessionOptions): WebSessionContext {
  const { publicUrl, path = "/session", now = () => new Date() } = o;
  if (o.key.byteLength !== 32) throw new RangeError(`The key has ${o.key.byteLength} bytes, not 32.`);
  if (new URL(publicUrl).origin !== publicUrl) throw new RangeError(`${publicUrl} is not an origin.`);
  const nowMs = () => now().getTime();
  const issuer = createIssuerClient({
    ...o,
    redirectUri: `${publicUrl}${path}/callback`,
    postLogoutRedirectUri: `${publicUrl}/`,
    timeoutSeconds: o.issuerTimeoutSeconds ?? 10,
    nowMs,
  });
  const sealing = {
    place: cookiePlaceOf(publicUrl),
    key: o.key,
    // What was signed in at another issuer, or as another client, is not signed in here.
    context: [publicUrl, o.issuer, o.clientId],
    nowMs,
  };
  return {
    publicUrl,
    path,
    issuer,
    sessions: createSessionCookies(sealing),
    flows: createFlowCookies(sealing),
    usedFlows: createUsedFlows(nowMs),
    tokens: createTokenBook(issuer, nowMs),
    ended: createEndedSessions(nowMs),
    logger: o.logger ?? silent,
    hasGrantPerSignIn: o.hasGrantPerSignIn ?? false,
    sessionsEndedAtMs: o.sessionsEndedAtMs ?? (async () => undefined),
    nowMs,
    wait: o.wait ?? ((delayMs) => sleep(delayMs, undefined, { ref: false })),
  };
}

const silent: WebSessionLogger = { info: () => undefined, warn: () => undefined, error: () => undefined };
