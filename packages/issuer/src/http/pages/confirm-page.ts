import { html } from "./html.ts";
import type { PageContent } from "./page.ts";

/** Asks somebody who is signed in already whether a client may have an account's token. */
export function confirmPage(page: {
  readonly action: string;
  readonly clientName: string;
  readonly person: string;
  readonly formTargets: readonly string[];
}): PageContent {
  return {
    title: "Continue?",
    formTargets: page.formTargets,
    body: html`<h1>Let ${page.clientName} use your account?</h1>
<p class="lead">You are signed in as <span class="person">${page.person}</span>. It will see your files, and can add and change them. Say no unless you have just started this yourself.</p>
<form method="post" action="${page.action}">
<div class="actions"><button type="submit" name="answer" value="yes">Continue</button>
<button type="submit" name="answer" value="other" class="quiet">Use another account</button>
<button type="submit" name="answer" value="no" class="quiet">Cancel</button></div>
</form>`,
  };
}
