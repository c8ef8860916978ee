/** Who is signed in, as the session says it. */
export interface Account {
  readonly subject: string;
  readonly email?: string;
  readonly name?: string;
}

/** Why nobody is signed in any more; a person who was never signed in here is told nothing. */
export type SignedOutWhy =
  /** They signed out in this tab. */
  | "here"
  /** They did in another one. */
  | "another-tab"
  /** It ran out, or was ended on the server. */
  | "ended";

export type SessionState =
  | { readonly status: "checking" }
  /** Whether somebody is signed in can't be told: the server or the issuer does not answer. */
  | { readonly status: "unreachable" }
  | { readonly status: "signed-out"; readonly why?: SignedOutWhy }
  | { readonly status: "signed-in"; readonly account: Account };

export type SessionEvent =
  | { readonly type: "account"; readonly account: Account }
  | { readonly type: "signed-out"; readonly why: SignedOutWhy }
  | { readonly type: "no-answer" }
  | { readonly type: "checking" };

/** What is known after an event. */
export function decideSession(state: SessionState, event: SessionEvent): SessionState {
  switch (event.type) {
    case "account":
      return state.status === "signed-in" && state.account.subject === event.account.subject
        ? state
        : { status: "signed-in", account: event.account };
    case "signed-out":
      // Who was not signed in has lost nothing; and the first reason is the one that counts.
      if (state.status === "signed-out") return state;
      return state.status === "signed-in"
        ? { status: "signed-out", why: event.why }
        : { status: "signed-out" };
    case "no-answer":
      // What is loaded stays: the answer may come later.
      return state.status === "signed-in" ? state : { status: "unreachable" };
    case "checking":
      return state.status === "signed-in" ? state : { status: "checking" };
  }
}
