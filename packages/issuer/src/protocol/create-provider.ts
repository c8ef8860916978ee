import type { EventEmitter } from "node:events";
import type Provider from "oidc-provider";
import type { KoaContextWithOIDC } from "oidc-provider";
import { busyRetrySeconds, isBusy } from "../http/describe-failure.ts";
import type { HttpContext } from "../http/http-context.ts";
import { messagePage } from "../http/pages/message-page.ts";
import type { PageContent } from "../http/pages/page.ts";
import { retryAfter } from "../http/retry-after.ts";
import { expiredPage } from "../http/serve-interaction.ts";
import { answerEndSession, setPage, signedOutPage } from "./end-session.ts";
import { createPolicy } from "./interaction-policy.ts";
import { createProtocolRecords } from "./protocol-records.ts";
import { providerConfiguration } from "./provider-configuration.ts";

/** Loads the library of the protocol, which takes a fifth of a second and 45 MB, and sets it up. */
export async function createProvider(
  context: HttpContext,
  { issuerUrl, audience }: { readonly issuerUrl: string; readonly audience: string },
): Promise<Provider> {
  const { default: LibraryProvider, errors, interactionPolicy } = await import("oidc-provider");
  const { pages, path, webOrigin, ports, tell, cookies } = context;
  const provider = new LibraryProvider(
    issuerUrl,
    providerConfiguration(
      ports,
      {
        cookies,
        webOrigin,
        audience,
        interactionUrl: (uid) => `${path}/interaction/${uid}`,
        renderError: (ctx, out, error) => {
          const isExpired = error instanceof errors.SessionNotFound;
          setPage(ctx, pages.render(isExpired ? expiredPage(webOrigin) : errorPage(webOrigin, out)));
        },
        logoutSource: (ctx) => answerEndSession(context, ctx),
        postLogoutSuccessSource: (ctx) => setPage(ctx, pages.render(signedOutPage(webOrigin))),
      },
      { errors, policy: createPolicy(interactionPolicy), adapter: createProtocolRecords(ports) },
    ),
  );
  // What it is told of the request's origin, we say (issuer-http-handler.ts).
  provider.proxy = true;
  const failedBusy = new WeakSet<object>();
  provider.use(async (ctx, next) => {
    await next();
    if (failedBusy.has(ctx)) {
      // The library knows no failure of ours that passes: clients repeat a 503, and give up on a 500.
      ctx.status = 503;
      ctx.set(retryAfter(busyRetrySeconds));
    }
    // No page of another origin is to read what these endpoints answer, also where the client was not known yet.
    ctx.remove("Access-Control-Allow-Origin");
    ctx.remove("Access-Control-Expose-Headers");
    // The library would answer with a page that sends itself by a script.
    if (isSignedOutAlready(ctx)) await answerEndSession(context, ctx);
  });
  provider.on("server_error", (ctx, error) => {
    if (isBusy(error)) failedBusy.add(ctx);
    else tell({ type: "error", error });
  });
  // Of the web framework beneath, which would print it.
  const framework: EventEmitter = provider;
  framework.on("error", (error: unknown) => tell({ type: "error", error }));
  provider.on("grant.revoked", (ctx) => {
    const { RefreshToken: token } = ctx.oidc.entities;
    if (ctx.oidc.route === "token" && token !== undefined)
      tell({ type: "refresh-reused", accountId: token.accountId, clientId: token.clientId ?? "" });
  });
  return provider;
}

const isSignedOutAlready = (ctx: object): ctx is KoaContextWithOIDC =>
  "oidc" in ctx &&
  (ctx as KoaContextWithOIDC).oidc.route === "end_session" &&
  (ctx as KoaContextWithOIDC).status === 200 &&
  (ctx as KoaContextWithOIDC).oidc.session?.accountId === undefined;

function errorPage(
  webOrigin: string,
  out: { readonly error: string; readonly error_description?: string | undefined },
): PageContent {
  const isOurs = out.error === "server_error";
  return messagePage({
    title: isOurs ? "Something went wrong here" : "This request can’t be answered",
    text: isOurs
      ? "Nothing is lost. Try again in a moment."
      : `Whoever sent you here asked for something that this Stowage does not give (${out.error}${
          out.error_description === undefined ? "" : `: ${out.error_description}`
        }).`,
    isError: true,
    link: { url: `${webOrigin}/`, text: "Go to Stowage" },
  });
}
