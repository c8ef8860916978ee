import type Provider from "oidc-provider";
import type { StoredAccount } from "./account-store.ts";
import type { Exchange, HttpContext } from "./http-context.ts";
import { securityHeaders } from "./pages/page.ts";
import { recordSignIn } from "./record-sign-in.ts";

export type Interaction = InstanceType<Provider["Interaction"]>;

/**
 * Ends an interaction as signed in to the account: the browser goes on to the client. A session that the browser had
 * as somebody else ends.
 */
export async function finishSignIn(
  context: HttpContext,
  { request, response }: Exchange,
  interaction: Interaction,
  { account, sessionsEndedAt }: StoredAccount,
): Promise<void> {
  const { ports, tell, clientAddress } = context;
  const nowSeconds = Math.floor(ports.now().getTime() / 1000);
  interaction.result = {
    // Later than whatever ended the account's sessions before, also in the same second.
    login: { accountId: account.id, ts: Math.max(nowSeconds, sessionsEndedAt + 1), amr: ["pwd"] },
    // The page named the client.
    consent: {},
    create: {},
  };
  if (interaction.session !== undefined && interaction.session.accountId !== account.id) {
    interaction.session = undefined;
    await dropSession(context, { request, response });
  }
  await interaction.persist();
  await recordSignIn(ports, account.email);
  tell({ type: "signed-in", accountId: account.id, address: clientAddress(request) });
  goOn(response, interaction.returnTo);
}

async function dropSession(
  { provider, cookies }: HttpContext,
  { request, response }: Exchange,
): Promise<void> {
  const library = await provider();
  const koa = library.createContext(request, response);
  const session = await library.Session.get(koa);
  await session.destroy();
  koa.cookies.set(cookies.names.session, null, cookies.long);
}

/** To a page of our own, or of a client's registered address. */
export function goOn(response: Exchange["response"], location: string): void {
  response.writeHead(303, { ...securityHeaders, Location: location, "Content-Length": 0 });
  response.end();
}
