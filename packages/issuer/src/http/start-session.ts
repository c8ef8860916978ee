import type { StoredAccount } from "../account-store.ts";
import { lifetimes } from "../protocol/provider-configuration.ts";
import { recordSignIn } from "../record-sign-in.ts";
import type { Exchange, HttpContext } from "./http-context.ts";
import { rememberBrowser } from "./known-browser.ts";

/** Later than whatever ended the account's sessions before, also in the same second. */
export const loginTimeOf = ({ ports }: HttpContext, { sessionsEndedAt }: StoredAccount): number =>
  Math.max(Math.floor(ports.now().getTime() / 1000), sessionsEndedAt + 1);

/** Notes that a person has signed in with a browser. */
export async function noteSignIn(
  context: HttpContext,
  exchange: Exchange,
  { account }: StoredAccount,
): Promise<void> {
  await recordSignIn(context.ports, account.email);
  await rememberBrowser(context, exchange, account.id);
  context.tell({
    type: "signed-in",
    accountId: account.id,
    address: context.clientAddress(exchange.request),
  });
}

/** Ends whatever session the browser has. */
export async function dropSession(
  { provider, cookies }: HttpContext,
  { request, response }: Exchange,
): Promise<void> {
  const library = await provider();
  const koa = library.createContext(request, response);
  const session = await library.Session.get(koa);
  await session.destroy();
  koa.cookies.set(cookies.names.session, null, cookies.long);
}

/** Signs a browser in to the account, under a new identifier, outside a client's request. */
export async function startSession(
  context: HttpContext,
  exchange: Exchange,
  stored: StoredAccount,
): Promise<void> {
  await dropSession(context, exchange);
  const { provider, cookies } = context;
  const library = await provider();
  const session = new library.Session();
  session.loginAccount({
    accountId: stored.account.id,
    loginTs: loginTimeOf(context, stored),
    amr: ["pwd"],
  });
  await session.save(lifetimes.signedIn);
  const koa = library.createContext(exchange.request, exchange.response);
  koa.cookies.set(cookies.names.session, session.jti, {
    ...cookies.long,
    overwrite: true,
    maxAge: lifetimes.signedIn * 1000,
  });
  await noteSignIn(context, exchange, stored);
}
