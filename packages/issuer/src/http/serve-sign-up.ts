import { finishSignIn, type Interaction } from "./finish-sign-in.ts";
import type { Exchange, HttpContext } from "./http-context.ts";
import { placeOf } from "./interaction-pages.ts";
import { makeAccount, toSignUpForm } from "./make-account.ts";
import type { FormProblem } from "./pages/form-parts.ts";
import { signUpPage } from "./pages/sign-up-page.ts";
import { readForm } from "./read-form.ts";

interface Shown {
  readonly email?: string;
  readonly name?: string;
  readonly problem?: FormProblem;
  readonly status?: number;
  readonly headers?: Record<string, string>;
}

/** The page to make an account on. */
export function showSignUp(
  context: HttpContext,
  { response }: Exchange,
  interaction: Interaction,
  { status = 200, headers = {}, ...shown }: Shown = {},
): void {
  const { signInUrl, signUpUrl, clientName, formTargets } = placeOf(context, interaction);
  const page = signUpPage({ action: signUpUrl, clientName, signInUrl, formTargets, ...shown });
  context.pages.send(response, status, page, headers);
}

/** The form of that page. The address is not verified: nobody has looked whether it is theirs. */
export async function takeSignUp(
  context: HttpContext,
  exchange: Exchange,
  interaction: Interaction,
): Promise<void> {
  const form = toSignUpForm(await readForm(exchange.request));
  const outcome = await makeAccount(context, exchange, form, { emailVerified: false });
  if ("accountId" in outcome) {
    const stored = context.ports.store.findById(outcome.accountId);
    if (stored) return finishSignIn(context, exchange, interaction, stored);
  }
  showSignUp(context, exchange, interaction, { email: form.email, name: form.name, ...outcome });
}
