import { goOn, type Interaction } from "./finish-sign-in.ts";
import type { Exchange, HttpContext } from "./http-context.ts";
import { placeOf } from "./interaction-pages.ts";
import { confirmPage } from "./pages/confirm-page.ts";
import { readForm } from "./read-form.ts";

/** The page that asks whether a client may act for the person who is signed in already. */
export function showConfirm(context: HttpContext, { response }: Exchange, interaction: Interaction): void {
  const { confirmUrl, clientName, formTargets } = placeOf(context, interaction);
  const accountId = interaction.session?.accountId;
  const stored = accountId === undefined ? undefined : context.ports.store.findById(accountId);
  context.pages.send(
    response,
    200,
    confirmPage({ action: confirmUrl, clientName, formTargets, person: stored?.account.email ?? "" }),
  );
}

/** The form of that page. */
export async function takeConfirm(
  context: HttpContext,
  { request, response }: Exchange,
  interaction: Interaction,
): Promise<void> {
  const answer = (await readForm(request)).get("answer");
  if (answer === "other") return goOn(response, placeOf(context, interaction).signInUrl);
  interaction.result =
    answer === "yes"
      ? { ...interaction.lastSubmission, consent: {} }
      : { error: "access_denied", error_description: "The person said no." };
  await interaction.persist();
  goOn(response, interaction.returnTo);
}
