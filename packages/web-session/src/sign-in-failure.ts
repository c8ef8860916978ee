import { type Answer, redirectTo } from "./answer.ts";
import type { IssuerFailureKind } from "./issuer-failure.ts";

/** What the page is told of a sign-in that did not succeed, as `/?sign-in=…`. A closed list. */
export type SignInFailure =
  /** Something does not fit; trying again may help, else the log says more. */
  | "failed"
  /** It took too long, was begun in another browser, or was ended already. */
  | "expired"
  /** The person, or the issuer in their name, said no. */
  | "refused"
  /** The issuer can't be reached right now. */
  | "unavailable";

const failures: Readonly<Record<IssuerFailureKind, SignInFailure>> = {
  denied: "refused",
  "grant-refused": "expired",
  unreachable: "unavailable",
  misconfigured: "failed",
  "not-believed": "failed",
};

export const failedSignIn = (kind: IssuerFailureKind, cookies: readonly string[] = []): Answer =>
  signInEndedWith(failures[kind], cookies);

export const signInEndedWith = (failure: SignInFailure, cookies: readonly string[] = []): Answer =>
  redirectTo(`/?sign-in=${failure}`, cookies);
