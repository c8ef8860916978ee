import { type FormProblem, field, problemSummary } from "./form-parts.ts";
import { html } from "./html.ts";
import type { PageContent } from "./page.ts";

export interface SignInPage {
  /** Where the form goes. */
  readonly action: string;
  readonly clientName: string;
  /** Where an account can be made; none where strangers can't make one. */
  readonly signUpUrl?: string;
  readonly email?: string;
  readonly problem?: FormProblem;
  readonly formTargets: readonly string[];
}

export function signInPage(page: SignInPage): PageContent {
  const { problem, email = "" } = page;
  return {
    title: "Sign in",
    isError: problem !== undefined,
    formTargets: page.formTargets,
    body: html`<h1>Sign in</h1>
<p class="lead">to continue to ${page.clientName}</p>
${problemSummary(problem)}
<form method="post" action="${page.action}">
${field({
  name: "email",
  label: "E-mail address",
  type: "email",
  autocomplete: "username",
  value: email,
  hasFocus: problem === undefined && email === "",
})}
${field({
  name: "password",
  label: "Password",
  type: "password",
  autocomplete: "current-password",
  hasFocus: problem === undefined && email !== "",
})}
<button type="submit">Sign in</button>
</form>
${
  page.signUpUrl === undefined
    ? html`<p class="beside">No account, or the password lost? Ask whoever runs this Stowage.</p>`
    : html`<p class="beside">No account yet? <a href="${page.signUpUrl}">Create an account</a></p>`
}`,
  };
}
