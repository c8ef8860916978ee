import { html } from "./html.ts";
import type { PageContent } from "./page.ts";

/** Asks before it ends a browser's session, where the client could not say whose it is (RP-Initiated Logout 1.0 §2). */
export function signOutPage(page: {
  readonly action: string;
  readonly secret: string;
  readonly person: string;
  readonly formTargets: readonly string[];
}): PageContent {
  return {
    title: "Sign out?",
    formTargets: page.formTargets,
    body: html`<h1>Sign out?</h1>
<p class="lead">You are signed in as <span class="person">${page.person}</span> in this browser.</p>
<form method="post" action="${page.action}">
<input type="hidden" name="xsrf" value="${page.secret}">
<div class="actions"><button type="submit" name="logout" value="yes">Sign out</button>
<button type="submit" class="quiet">Stay signed in</button></div>
</form>`,
  };
}
