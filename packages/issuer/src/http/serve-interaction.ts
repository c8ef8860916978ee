import type { Interaction } from "./finish-sign-in.ts";
import type { Exchange, HttpContext } from "./http-context.ts";
import { foreignFormPage } from "./pages/foreign-form-page.ts";
import { messagePage } from "./pages/message-page.ts";
import { isSameOrigin } from "./same-origin.ts";
import { showConfirm, takeConfirm } from "./serve-confirm.ts";
import { showSignIn, takeSignIn } from "./serve-sign-in.ts";
import { showSignUp, takeSignUp } from "./serve-sign-up.ts";

/**
 * Serves `/interaction/{uid}` and what is below it: the pages between a client's request and its answer. The browser
 * must hold the cookie of that very interaction, so that nobody can be led into another's.
 */
export async function serveInteraction(
  context: HttpContext,
  exchange: Exchange,
  [uid = "", step = ""]: readonly string[],
): Promise<void> {
  const { pages, origin, webOrigin } = context;
  const { request, response } = exchange;
  const isForm = request.method === "POST";
  if (isForm && !isSameOrigin(request, origin)) return pages.send(response, 403, foreignFormPage(webOrigin));
  const interaction = await findInteraction(context, exchange, uid);
  if (interaction === undefined) return pages.send(response, 400, expiredPage(webOrigin));

  const { name } = interaction.prompt;
  if (isForm && step === "sign-in") return takeSignIn(context, exchange, interaction);
  if (isForm && step === "sign-up" && context.signUp === "open")
    return takeSignUp(context, exchange, interaction);
  if (isForm && step === "confirm" && name === "consent") return takeConfirm(context, exchange, interaction);
  if (step === "" && name === "consent") return showConfirm(context, exchange, interaction);
  const wantsSignUp = step === "sign-up" || (step === "" && name === "create");
  if (wantsSignUp && context.signUp === "open") return showSignUp(context, exchange, interaction);
  showSignIn(context, exchange, interaction);
}

async function findInteraction(
  { provider }: HttpContext,
  { request, response }: Exchange,
  uid: string,
): Promise<Interaction | undefined> {
  const { errors } = await import("oidc-provider");
  try {
    const interaction = await (await provider()).interactionDetails(request, response);
    return interaction.uid === uid ? interaction : undefined;
  } catch (error) {
    if (error instanceof errors.SessionNotFound) return undefined;
    throw error;
  }
}

export const expiredPage = (webOrigin: string) =>
  messagePage({
    title: "This sign-in has ended",
    text: "It was finished already, took longer than an hour, or was begun in another browser. Nothing is lost: just begin again.",
    isError: true,
    link: { url: `${webOrigin}/`, text: "Begin again" },
  });
