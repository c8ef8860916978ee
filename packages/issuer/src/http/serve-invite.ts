import { invitePath } from "../add-invite.ts";
import { emailKeyOf } from "../email-address.ts";
import { InvalidInviteError } from "../errors.ts";
import type { StoredInvite } from "../invite-store.ts";
import { addressBlockOf } from "./address-block.ts";
import { goOn } from "./finish-sign-in.ts";
import type { Exchange, HttpContext } from "./http-context.ts";
import { makeAccount, type SignUpForm, type SignUpOutcome, toSignUpForm } from "./make-account.ts";
import { foreignFormPage } from "./pages/foreign-form-page.ts";
import { messagePage } from "./pages/message-page.ts";
import type { PageContent } from "./pages/page.ts";
import { signUpPage } from "./pages/sign-up-page.ts";
import { readForm } from "./read-form.ts";
import { isSameOrigin } from "./same-origin.ts";
import { signInLimits } from "./sign-in-limits.ts";
import { startSession } from "./start-session.ts";

/**
 * Serves `/sign-up/{token}`: the page on which somebody makes their account by a link from the operator. Looking at it
 * uses nothing up; the account that is made does, in one transaction with it.
 */
export async function serveInvite(
  context: HttpContext,
  exchange: Exchange,
  [token = ""]: readonly string[],
): Promise<void> {
  const { pages, ports, webOrigin, signInUrl } = context;
  const { request, response } = exchange;
  if (request.method === "POST" && !isSameOrigin(request, context.origin))
    return pages.send(response, 403, foreignFormPage(webOrigin));
  const nowSeconds = Math.floor(ports.now().getTime() / 1000);
  const invite = ports.invites.find(token, nowSeconds);
  if (invite === undefined) return refuse(context, exchange);
  const show = (form?: SignUpForm, outcome?: Exclude<SignUpOutcome, { accountId: string }>) => {
    const page = invitePage(context, token, invite, form, outcome);
    pages.send(response, outcome?.status ?? 200, page, outcome?.headers);
  };
  if (request.method !== "POST") return show();

  const form = toSignUpForm(await readForm(request));
  if (invite.address && emailKeyOf(form.email) !== invite.address.key)
    return show(form, {
      status: 422,
      problem: {
        summary: "Please look at this again:",
        fields: { email: `This link is for ${invite.address.email}.` },
      },
    });
  let outcome: SignUpOutcome;
  try {
    const { organisation, operator } = invite;
    outcome = await makeAccount(
      context,
      exchange,
      form,
      {
        emailVerified: invite.address !== undefined,
        operator,
        ...(organisation !== undefined && { organisation }),
      },
      () => {
        if (!ports.invites.use(token, nowSeconds))
          throw new InvalidInviteError("The link was used meanwhile.");
      },
    );
  } catch (error) {
    if (error instanceof InvalidInviteError) return refuse(context, exchange);
    throw error;
  }
  if (!("accountId" in outcome)) return show(form, outcome);
  const stored = ports.store.findById(outcome.accountId);
  if (stored) await startSession(context, exchange, stored);
  goOn(response, signInUrl);
}

function invitePage(
  { path }: HttpContext,
  token: string,
  { address }: StoredInvite,
  form?: SignUpForm,
  outcome?: Exclude<SignUpOutcome, { accountId: string }>,
): PageContent {
  return signUpPage({
    action: `${path}/${invitePath}/${token}`,
    clientName: "Stowage",
    name: form?.name ?? "",
    email: address?.email ?? form?.email ?? "",
    isEmailFixed: address !== undefined,
    ...(outcome && { problem: outcome.problem }),
    formTargets: [],
  });
}

/** The same for a link that was used, has expired or was never made. */
async function refuse(
  { ports, pages, webOrigin, clientAddress }: HttpContext,
  exchange: Exchange,
): Promise<void> {
  const block = addressBlockOf(clientAddress(exchange.request));
  const refusal = await ports.tries.begin(
    [[["address", block], signInLimits.address]],
    ports.now().getTime(),
  );
  pages.send(
    exchange.response,
    refusal ? 429 : 404,
    messagePage({
      title: "This link no longer works",
      text: "It was used already, or its time is over. Who sent it to you can make a new one. If you have made your account, just sign in.",
      isError: true,
      link: { url: `${webOrigin}/`, text: "Go to Stowage" },
    }),
  );
}
