import type { Account } from "./session-state.ts";

export type TokenAnswer =
  | {
      readonly kind: "token";
      readonly accessToken: string;
      readonly expiresInSeconds: number;
      readonly account: Account;
    }
  | { readonly kind: "signed-out" }
  | { readonly kind: "no-answer" };

export interface SessionEndpoints {
  /** Who is signed in, with a token for the memory of this page. Never throws. */
  askForToken(): Promise<TokenAnswer>;
  /** Ends the session; answers where the page goes next, or nothing where it could not be ended. */
  signOut(): Promise<string | undefined>;
}

/** No session in this browser; one that has ended; a server where nobody can sign in. */
const signedOutStatuses: ReadonlySet<number> = new Set([204, 401, 404]);

/** A server that takes longer than this is not there. */
const timeoutMs = 20_000;

/** The session endpoints of the page's own origin. Their cookies are not readable here. */
export const sessionEndpoints = (fetch: typeof globalThis.fetch): SessionEndpoints => {
  const post = async (path: string) => {
    try {
      return await fetch(path, {
        method: "POST",
        credentials: "same-origin",
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch {
      // No connection, or no answer in time: callers know what that means for them.
      return undefined;
    }
  };
  return {
    async askForToken() {
      const response = await post("/session/token");
      if (response && signedOutStatuses.has(response.status)) return { kind: "signed-out" };
      const json = response?.ok ? await readJson(response) : undefined;
      return isToken(json) ? { kind: "token", ...json } : { kind: "no-answer" };
    },
    async signOut() {
      const response = await post("/session/sign-out");
      const json = response?.ok ? await readJson(response) : undefined;
      return isObject(json) && typeof json.location === "string" ? json.location : undefined;
    },
  };
};

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    // Something else than our server has answered.
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

const isToken = (
  json: unknown,
): json is { accessToken: string; expiresInSeconds: number; account: Account } =>
  isObject(json) &&
  typeof json.accessToken === "string" &&
  typeof json.expiresInSeconds === "number" &&
  isObject(json.account) &&
  typeof json.account.subject === "string";
