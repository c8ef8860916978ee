import { hasEnded } from "@stowage/client";
import { type BrowserClient, createClient } from "@stowage/client/browser";
import { serverAnswers } from "../chrome/server-answers.ts";
import { offlineReader } from "../kept/device-choice.ts";
import { loadLater } from "../load-later.ts";
import type { Session } from "./create-session.ts";
import type { Account, SessionState } from "./session-state.ts";

/** What this page holds for the person who is signed in. Of their uploads what is kept goes on when they are back. */
export interface Visit {
  readonly account: Account;
  readonly client: BrowserClient;
  /** Ends with the visit. */
  readonly life: AbortSignal;
}

export interface Visits {
  subscribe(listener: () => void): () => void;
  getSnapshot(): VisitSnapshot;
  signOut: SignOut;
}

/**
 * Ends the visit and the session. Answers where the page goes next, or nothing where the server could not be reached, or what
 * they wanted deleted could not be: they are signed in still.
 */
export type SignOut = (options: { readonly unsent: "keep" | "delete" }) => Promise<string | undefined>;

export interface VisitSnapshot {
  readonly session: SessionState;
  readonly visit?: Visit;
  readonly unfinished: Unfinished;
}

/** Files that were on their way when the last visit ended, and how many of them are kept on this device. */
export interface Unfinished {
  readonly files: number;
  readonly kept: number;
}

const none: Unfinished = { files: 0, kept: 0 };

/** The page tries a request so often before it says that the server can't be reached: 4 s on average. */
const maxAttempts = 4;

/** Opens a visit for whoever signs in, and ends it with all that it holds when they are signed out. */
export function createVisits(session: Session): Visits {
  let snapshot: VisitSnapshot = { session: session.getState(), unfinished: none };
  const listeners = new Set<() => void>();
  let life = new AbortController();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  const open = (account: Account): Visit => {
    life = new AbortController();
    return openVisit(session, account, life.signal);
  };

  session.subscribe(() => {
    const state = session.getState();
    const { visit } = snapshot;
    const account = state.status === "signed-in" ? state.account : undefined;
    if (visit && visit.account.subject === account?.subject) return;
    const unfinished = visit ? unfinishedOf(visit) : snapshot.unfinished;
    // A session that has only run out ends nothing: what is kept goes on, in the background too.
    visit?.client.close();
    life.abort();
    // Who is not signed in here reads nothing here, and without a network nobody could say who is.
    if (state.status !== "unreachable" && state.status !== "checking")
      if (account?.subject !== offlineReader.get()) offlineReader.forget();
    // What another tab has erased, this one may just have been keeping.
    if (visit && state.status === "signed-out" && state.why !== "ended") void eraseAgain(visit.account);
    snapshot = account
      ? { session: state, visit: open(account), unfinished: none }
      : { session: state, unfinished };
    tell();
  });

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getSnapshot: () => snapshot,
    async signOut(options) {
      if (!(await serverAnswers())) return undefined;
      const { visit } = snapshot;
      // Before the client erases what is kept.
      life.abort();
      offlineReader.forget();
      // While there is a token still: the server is told of what ends with it.
      let next: string | undefined;
      try {
        await visit?.client.signOut(options);
        next = await session.signOut();
      } catch {
        // What they wanted deleted is still there: another tab that does not answer has it. They are told, and may try again.
      }
      if (next !== undefined || !visit || snapshot.visit !== visit) return next;
      snapshot = { ...snapshot, visit: open(visit.account) };
      tell();
      return undefined;
    },
  };
}

function unfinishedOf({ client: { uploads } }: Visit): Unfinished {
  const active = uploads.getSnapshot().items.filter((item) => !hasEnded(item));
  const kept = active.filter(({ isKept }) => isKept);
  return { files: active.length, kept: kept.length };
}

const eraseAgain = async ({ subject }: Account) => (await loadLater()).erasePictures(subject);

function openVisit(session: Session, account: Account, life: AbortSignal): Visit {
  const client = createClient({
    person: account.subject,
    getToken: (refused) => session.getToken(account.subject, refused),
    maxAttempts,
  });
  void loadLater().then(({ registerWorkerFor }) => registerWorkerFor(client));
  return { account, client, life };
}
