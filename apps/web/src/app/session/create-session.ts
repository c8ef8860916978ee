import { NetworkError } from "@stowage/client";
import type { SessionEndpoints } from "./session-endpoints.ts";
import { decideSession, type SessionEvent, type SessionState, type SignedOutWhy } from "./session-state.ts";

/** What tabs tell each other; the name of the channel is `sessionChannelName`. */
export type TabMessage =
  | { readonly type: "signed-out"; readonly why: "another-tab" | "ended" }
  | { readonly type: "signed-in"; readonly subject: string };

export const sessionChannelName = "stowage-session";

export interface SessionPorts {
  readonly endpoints: SessionEndpoints;
  /** A `BroadcastChannel`. */
  readonly channel: {
    postMessage(message: TabMessage): void;
    addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  };
  /** Runs one at a time over all tabs, where the platform can do that. */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>;
  readonly nowMs: () => number;
}

/** Who is signed in, and their token: the one place that knows it, in memory only. */
export interface Session {
  subscribe(listener: () => void): () => void;
  getState(): SessionState;
  /** Asks the server who is signed in. Of somebody who is signed in nothing changes until the answer. */
  check(): Promise<void>;
  /**
   * A token of that person: a new one where the last has nearly run out or was refused; `undefined` once somebody else,
   * or nobody, is signed in.
   *
   * @throws NetworkError where no answer came; it may be tried again
   */
  getToken(subject: string, refused?: string): Promise<string | undefined>;
  /** Answers where the page goes next, or nothing where the server could not be reached: they are signed in still. */
  signOut(): Promise<string | undefined>;
}

/** A token that ends within this is not begun with. */
const marginMs = 60_000;

interface Token {
  readonly subject: string;
  readonly accessToken: string;
  readonly goodUntilMs: number;
}

export function createSession({ endpoints, channel, exclusively, nowMs }: SessionPorts): Session {
  let state: SessionState = { status: "checking" };
  let token: Token | undefined;
  let asking: Promise<void> | undefined;
  const listeners = new Set<() => void>();

  const happen = (event: SessionEvent) => {
    const next = decideSession(state, event);
    if (next === state) return;
    state = next;
    for (const listener of listeners) listener();
  };
  const end = (why: SignedOutWhy) => {
    token = undefined;
    happen({ type: "signed-out", why });
  };

  /** @param over what is called before the answer is told: who asks because of it asks anew */
  const askOnce = async (over: () => void): Promise<void> => {
    const answer = await exclusively(() => endpoints.askForToken());
    over();
    if (answer.kind === "no-answer") return happen({ type: "no-answer" });
    const wasSignedIn = state.status === "signed-in";
    if (answer.kind === "signed-out") {
      end("ended");
      if (wasSignedIn) channel.postMessage({ type: "signed-out", why: "ended" });
      return;
    }
    const { account, accessToken, expiresInSeconds } = answer;
    const lifeMs = expiresInSeconds * 1000;
    token = {
      subject: account.subject,
      accessToken,
      // However short its life is, it is used for some of it.
      goodUntilMs: nowMs() + Math.max(lifeMs - marginMs, lifeMs / 2),
    };
    const isNew = state.status !== "signed-in" || state.account.subject !== account.subject;
    happen({ type: "account", account });
    if (isNew) channel.postMessage({ type: "signed-in", subject: account.subject });
  };
  const ask = (): Promise<void> => {
    if (asking) return asking;
    const over = () => {
      if (asking === mine) asking = undefined;
    };
    const mine: Promise<void> = askOnce(over).finally(over);
    asking = mine;
    return mine;
  };

  channel.addEventListener("message", ({ data }) => {
    if (!isTabMessage(data)) return;
    if (data.type === "signed-out") return end(data.why);
    const mine = state.status === "signed-in" ? state.account.subject : undefined;
    if (mine === data.subject) return;
    // Somebody else signed in: what belongs to the one before goes at once, not when the answer comes.
    if (mine !== undefined) end("another-tab");
    void ask();
  });

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getState: () => state,
    check() {
      happen({ type: "checking" });
      return ask();
    },
    async getToken(subject, refused) {
      const isGood = (held: Token | undefined): held is Token =>
        held !== undefined && held.accessToken !== refused && held.goodUntilMs > nowMs();
      if (!isGood(token) && state.status === "signed-in" && state.account.subject === subject) {
        const before = token;
        await ask();
        if (token === before && state.status === "signed-in")
          throw new NetworkError("The server does not answer who is signed in.");
      }
      return token?.subject === subject ? token.accessToken : undefined;
    },
    async signOut() {
      const location = await endpoints.signOut();
      if (location === undefined) return undefined;
      channel.postMessage({ type: "signed-out", why: "another-tab" });
      end("here");
      return location;
    },
  };
}

const isTabMessage = (data: unknown): data is TabMessage =>
  typeof data === "object" &&
  data !== null &&
  "type" in data &&
  (data.type === "signed-out" || (data.type === "signed-in" && "subject" in data));
