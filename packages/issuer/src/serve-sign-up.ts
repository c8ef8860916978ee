import { addAccount } from "./add-account.ts";
import {
  AccountExistsError,
  InvalidAccountDetailError,
  InvalidEmailError,
  WeakPasswordError,
} from "./errors.ts";
import { finishSignIn, type Interaction } from "./finish-sign-in.ts";
import type { Exchange, HttpContext } from "./http-context.ts";
import { placeOf } from "./interaction-pages.ts";
import type { FormProblem } from "./pages/form-parts.ts";
import { signUpPage } from "./pages/sign-up-page.ts";
import { verifyPasswordHash } from "./password-hash.ts";
import { readForm } from "./read-form.ts";

/** The page to make an account on. */
export function showSignUp(
  context: HttpContext,
  { response }: Exchange,
  interaction: Interaction,
  shown: { readonly email?: string; readonly name?: string; readonly problem?: FormProblem } = {},
): void {
  const { signInUrl, signUpUrl, clientName, formTargets } = placeOf(context, interaction);
  context.pages.send(
    response,
    shown.problem ? 422 : 200,
    signUpPage({ action: signUpUrl, clientName, signInUrl, formTargets, ...shown }),
  );
}

/** The form of that page. The address is not verified: nobody has looked whether it is theirs. */
export async function takeSignUp(
  context: HttpContext,
  exchange: Exchange,
  interaction: Interaction,
): Promise<void> {
  const { ports, tell, clientAddress } = context;
  const form = await readForm(exchange.request);
  const email = form.get("email") ?? "";
  const name = form.get("name") ?? "";
  const password = form.get("password") ?? "";
  const again = (problem: FormProblem) =>
    showSignUp(context, exchange, interaction, { email, name, problem });

  if (password !== form.get("password-again"))
    return again(inField("password-again", "The two passwords are not the same."));
  try {
    const account = await addAccount(ports, {
      email,
      password,
      emailVerified: false,
      ...(name.trim() !== "" && { name }),
    });
    tell({ type: "signed-up", accountId: account.id, address: clientAddress(exchange.request) });
  } catch (error) {
    // Who knows the account's password only took the wrong page.
    const isTheirs = error instanceof AccountExistsError && (await isPasswordOf(context, email, password));
    if (!isTheirs) {
      const problem = problemOf(error);
      if (problem === undefined) throw error;
      return again(problem);
    }
  }
  await finishSignIn(context, exchange, interaction, ports.store.get(email));
}

const isPasswordOf = ({ ports }: HttpContext, email: string, password: string): Promise<boolean> =>
  verifyPasswordHash(ports.store.find(email)?.passwordHash, password);

function problemOf(error: unknown): FormProblem | undefined {
  if (error instanceof AccountExistsError)
    return inField("email", "There is an account for this address already: sign in with its password.");
  if (error instanceof InvalidEmailError) return inField("email", error.message);
  if (error instanceof WeakPasswordError) return inField("password", error.message);
  if (error instanceof InvalidAccountDetailError) return inField("name", error.message);
  return undefined;
}

const inField = (name: string, problem: string): FormProblem => ({
  summary: "Please look at this again:",
  fields: { [name]: problem },
});
