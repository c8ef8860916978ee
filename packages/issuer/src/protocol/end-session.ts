import type { KoaContextWithOIDC } from "oidc-provider";
import type { HttpContext } from "../http/http-context.ts";
import { messagePage } from "../http/pages/message-page.ts";
import type { PageContent } from "../http/pages/page.ts";
import { signOutPage } from "../http/pages/sign-out-page.ts";

/**
 * Answers a client that sent the browser here to sign out (RP-Initiated Logout 1.0 §2). If it brought the ID token of
 * the person who is signed in, that is done at once; otherwise they are asked, as the specification demands.
 */
export async function answerEndSession(
  { pages, ports, path, cookies }: HttpContext,
  ctx: KoaContextWithOIDC,
): Promise<void> {
  const { session, entities, params } = ctx.oidc;
  const accountId = session?.accountId;
  if (session === undefined || accountId === undefined) return afterSignOut(path, ctx);
  if (entities.IdTokenHint?.payload.sub === accountId) {
    await session.destroy();
    ctx.oidc.cookies.set(cookies.names.session, null, cookies.long);
    return afterSignOut(path, ctx);
  }
  const target = params?.post_logout_redirect_uri;
  setPage(
    ctx,
    pages.render(
      signOutPage({
        action: `${path}/end-session/confirm`,
        secret: String(session.state?.secret),
        person: ports.store.findById(accountId)?.account.email ?? "",
        formTargets: typeof target === "string" ? [new URL(target).origin] : [],
      }),
    ),
  );
}

/** The client's address was held against the registered ones by the library. */
function afterSignOut(path: string, ctx: KoaContextWithOIDC): void {
  const { post_logout_redirect_uri: target, state } = ctx.oidc.params ?? {};
  let location = `${path}/end-session/success`;
  if (typeof target === "string") {
    const url = new URL(target);
    if (typeof state === "string") url.searchParams.set("state", state);
    location = url.href;
  }
  ctx.status = 303;
  ctx.redirect(location);
}

export const signedOutPage = (webOrigin: string): PageContent =>
  messagePage({
    title: "You are signed out",
    text: "This browser is no longer signed in to Stowage.",
    link: { url: `${webOrigin}/`, text: "Go to Stowage" },
  });

export function setPage(
  ctx: KoaContextWithOIDC,
  { body, headers }: { readonly body: string; readonly headers: Readonly<Record<string, string>> },
): void {
  ctx.type = "html";
  ctx.body = body;
  for (const [name, value] of Object.entries(headers)) ctx.set(name, value);
}
