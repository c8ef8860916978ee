import type Provider from "oidc-provider";
import type { StoredAccount } from "../account-store.ts";
import type { Exchange, HttpContext } from "./http-context.ts";
import { securityHeaders } from "./pages/page.ts";
import { dropSession, loginTimeOf, noteSignIn } from "./start-session.ts";

export type Interaction = InstanceType<Provider["Interaction"]>;

/**
 * Ends an interaction as signed in to the account: the browser goes on to the client. A session that the browser had
 * as somebody else ends.
 */
export async function finishSignIn(
  context: HttpContext,
  exchange: Exchange,
  interaction: Interaction,
  stored: StoredAccount,
): Promise<void> {
  const { account } = stored;
  interaction.result = {
    login: { accountId: account.id, ts: loginTimeOf(context, stored), amr: ["pwd"] },
    // The page named the client.
    consent: {},
    create: {},
  };
  if (interaction.session !== undefined && interaction.session.accountId !== account.id) {
    interaction.session = undefined;
    await dropSession(context, exchange);
  }
  await interaction.persist();
  await noteSignIn(context, exchange, stored);
  goOn(exchange.response, interaction.returnTo);
}

/** To a page of our own, or of a client's registered address. */
export function goOn(response: Exchange["response"], location: string): void {
  response.writeHead(303, { ...securityHeaders, Location: location, "Content-Length": 0 });
  response.end();
}
