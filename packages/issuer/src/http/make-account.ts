import type { Account } from "../account.ts";
import { addAccount } from "../add-account.ts";
import {
  AccountExistsError,
  InvalidAccountDetailError,
  InvalidEmailError,
  WeakPasswordError,
} from "../errors.ts";
import type { NewAccount } from "../issuer.ts";
import { addressBlockOf } from "./address-block.ts";
import { checkPassword } from "./check-password.ts";
import { busyRetrySeconds, isBusy } from "./describe-failure.ts";
import type { Exchange, HttpContext } from "./http-context.ts";
import type { FormProblem } from "./pages/form-parts.ts";
import { busy, tooManyTries } from "./pages/sign-in-problems.ts";
import { retryAfter } from "./retry-after.ts";
import { signInLimits } from "./sign-in-limits.ts";

export interface SignUpForm {
  readonly email: string;
  readonly name: string;
  readonly password: string;
  readonly passwordAgain: string;
}

/** An account to sign in to, or what the page says. */
export type SignUpOutcome =
  | { readonly accountId: string }
  | {
      readonly problem: FormProblem;
      readonly status: 422 | 429 | 503;
      readonly headers?: Record<string, string>;
    };

export const toSignUpForm = (form: ReadonlyMap<string, string>): SignUpForm => ({
  email: form.get("email") ?? "",
  name: form.get("name") ?? "",
  password: form.get("password") ?? "",
  passwordAgain: form.get("password-again") ?? "",
});

/**
 * Makes the account that somebody asks for on the sign-up page. If there is one for the address, its password opens it:
 * who knows it has only taken the wrong page. Else the page says so plainly: a page that makes accounts at once, without
 * a mail in between, tells that to whoever tries, whatever its words (docs/security.md).
 */
export async function makeAccount(
  context: HttpContext,
  { request }: Exchange,
  form: SignUpForm,
  account: Pick<NewAccount, "emailVerified" | "organisation" | "operator">,
  alongside?: () => void,
): Promise<SignUpOutcome> {
  const { ports, tell } = context;
  if (form.password !== form.passwordAgain)
    return inField("password-again", "The two passwords are not the same.");
  const address = context.clientAddress(request);
  const refusal = await ports.tries.begin(
    [[["sign-up", addressBlockOf(address)], signInLimits.signUp]],
    ports.now().getTime(),
  );
  if (refusal) return tooMany(refusal.waitSeconds);

  let made: Account;
  try {
    const name = form.name.trim() === "" ? {} : { name: form.name };
    made = await addAccount(
      ports,
      { ...account, ...name, email: form.email, password: form.password },
      alongside,
    );
  } catch (error) {
    if (error instanceof AccountExistsError) return openExisting(context, request, form);
    const problem = problemOf(error);
    if (problem !== undefined) return problem;
    if (isBusy(error)) return tooBusy;
    throw error;
  }
  tell({ type: "signed-up", accountId: made.id, address });
  return { accountId: made.id };
}

async function openExisting(
  context: HttpContext,
  request: Exchange["request"],
  { email, password }: SignUpForm,
): Promise<SignUpOutcome> {
  const check = await checkPassword(context, request, email, password);
  if (check.outcome === "right") return { accountId: check.stored.account.id };
  if (check.outcome === "too-many") return tooMany(check.waitSeconds);
  if (check.outcome === "busy") return tooBusy;
  return inField("email", "There is an account for this address already: sign in with its password.");
}

function problemOf(error: unknown): SignUpOutcome | undefined {
  if (error instanceof InvalidEmailError) return inField("email", error.message);
  if (error instanceof WeakPasswordError) return inField("password", error.message);
  if (error instanceof InvalidAccountDetailError) return inField("name", error.message);
  return undefined;
}

const inField = (name: string, problem: string): SignUpOutcome => ({
  status: 422,
  problem: { summary: "Please look at this again:", fields: { [name]: problem } },
});

const tooBusy: SignUpOutcome = { status: 503, problem: busy, headers: retryAfter(busyRetrySeconds) };

const tooMany = (waitSeconds: number | undefined): SignUpOutcome => ({
  status: 429,
  problem: tooManyTries(waitSeconds),
  headers: retryAfter(waitSeconds),
});
