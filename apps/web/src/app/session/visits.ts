import { hasEnded } from "@stowage/client";
import { type BrowserClient, createClient } from "@stowage/client/browser";
import { registerWorkerFor } from "../uploads/register-worker.ts";
import type { Session } from "./create-session.ts";
import type { Account, SessionState } from "./session-state.ts";

/** What this page holds for the person who is signed in. Of their uploads what is kept goes on when they are back. */
export interface Visit {
  readonly account: Account;
  readonly client: BrowserClient;
  /** The session, whose sign-out ends what this device may send without it. */
  readonly session: Session;
}

export interface Visits {
  subscribe(listener: () => void): () => void;
  getSnapshot(): VisitSnapshot;
}

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

  session.subscribe(() => {
    const state = session.getState();
    const { visit } = snapshot;
    const account = state.status === "signed-in" ? state.account : undefined;
    if (visit && visit.account.subject === account?.subject) return;
    const unfinished = visit ? unfinishedOf(visit) : snapshot.unfinished;
    // Whoever wanted to have their uploads deleted has done so by now.
    void visit?.client.signOut({ unsent: "keep" });
    snapshot = account
      ? { session: state, visit: openVisit(session, account), unfinished: none }
      : { session: state, unfinished };
    for (const listener of listeners) listener();
  });

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getSnapshot: () => snapshot,
  };
}

function unfinishedOf({ client: { uploads } }: Visit): Unfinished {
  const active = uploads.getSnapshot().items.filter((item) => !hasEnded(item));
  const kept = active.filter(({ isKept }) => isKept);
  return { files: active.length, kept: kept.length };
}

function openVisit(session: Session, account: Account): Visit {
  const client = createClient({
    person: account.subject,
    getToken: (refused) => session.getToken(account.subject, refused),
    maxAttempts,
  });
  registerWorkerFor(client);
  const signOut = async () => {
    // While there is a token still.
    await client.endBackground();
    return session.signOut();
  };
  return { account, client, session: { ...session, signOut } };
}
