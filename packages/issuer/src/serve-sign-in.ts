import { finishSignIn, type Interaction } from "./finish-sign-in.ts";
import type { Exchange, HttpContext } from "./http-context.ts";
import { placeOf } from "./interaction-pages.ts";
import type { FormProblem } from "./pages/form-parts.ts";
import { signInPage } from "./pages/sign-in-page.ts";
import { verifyPasswordHash } from "./password-hash.ts";
import { readForm } from "./read-form.ts";

/** The page to sign in on. */
export function showSignIn(
  context: HttpContext,
  { response }: Exchange,
  interaction: Interaction,
  shown: { readonly email?: string; readonly problem?: FormProblem; readonly status?: number } = {},
): void {
  const { signInUrl, signUpUrl, clientName, formTargets } = placeOf(context, interaction);
  const hint = interaction.params.login_hint;
  context.pages.send(
    response,
    shown.status ?? 200,
    signInPage({
      action: signInUrl,
      clientName,
      formTargets,
      ...(context.signUp === "open" && { signUpUrl }),
      email: shown.email ?? (typeof hint === "string" ? hint : ""),
      ...(shown.problem && { problem: shown.problem }),
    }),
  );
}

/** The form of that page. */
export async function takeSignIn(
  context: HttpContext,
  exchange: Exchange,
  interaction: Interaction,
): Promise<void> {
  const form = await readForm(exchange.request);
  const email = form.get("email") ?? "";
  const { store } = context.ports;
  const stored = store.find(email);
  const isRight = await verifyPasswordHash(stored?.passwordHash, form.get("password") ?? "");
  // Again: the password may have been reset while it was stretched.
  const now = stored && store.findById(stored.account.id);
  if (isRight && now !== undefined && now.passwordHash === stored?.passwordHash)
    return finishSignIn(context, exchange, interaction, now);

  context.tell({
    type: "sign-in-refused",
    reason: "wrong",
    address: context.clientAddress(exchange.request),
  });
  showSignIn(context, exchange, interaction, {
    email,
    status: 422,
    problem: { summary: "The e-mail address or the password is not right." },
  });
}
