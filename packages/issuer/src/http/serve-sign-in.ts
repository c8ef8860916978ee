import { checkPassword, type PasswordCheck } from "./check-password.ts";
import { busyRetrySeconds } from "./describe-failure.ts";
import { finishSignIn, type Interaction } from "./finish-sign-in.ts";
import type { Exchange, HttpContext } from "./http-context.ts";
import { placeOf } from "./interaction-pages.ts";
import type { FormProblem } from "./pages/form-parts.ts";
import { signInPage } from "./pages/sign-in-page.ts";
import { busy, tooManyTries, wrongPassword } from "./pages/sign-in-problems.ts";
import { readForm } from "./read-form.ts";
import { retryAfter } from "./retry-after.ts";

interface Shown {
  readonly email?: string;
  readonly problem?: FormProblem;
  readonly status?: number;
  readonly headers?: Record<string, string>;
}

/** The page to sign in on. */
export function showSignIn(
  context: HttpContext,
  { response }: Exchange,
  interaction: Interaction,
  { email, problem, status = 200, headers = {} }: Shown = {},
): void {
  const { signInUrl, signUpUrl, clientName, formTargets } = placeOf(context, interaction);
  const hint = interaction.params.login_hint;
  context.pages.send(
    response,
    status,
    signInPage({
      action: signInUrl,
      clientName,
      formTargets,
      ...(context.signUp === "open" && { signUpUrl }),
      email: email ?? (typeof hint === "string" ? hint : ""),
      ...(problem && { problem }),
    }),
    headers,
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
  const check = await checkPassword(context, exchange.request, email, form.get("password") ?? "");
  if (check.outcome === "right") return finishSignIn(context, exchange, interaction, check.stored);
  showSignIn(context, exchange, interaction, { email, ...refusalOf(check) });
}

/** What a page says of a password that opened nothing. */
function refusalOf(check: Exclude<PasswordCheck, { outcome: "right" }>): Shown {
  switch (check.outcome) {
    case "wrong":
      return { status: 422, problem: wrongPassword };
    case "too-many":
      return {
        status: 429,
        problem: tooManyTries(check.waitSeconds),
        headers: retryAfter(check.waitSeconds),
      };
    case "busy":
      return { status: 503, problem: busy, headers: retryAfter(busyRetrySeconds) };
  }
}
