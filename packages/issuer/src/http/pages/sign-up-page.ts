import { minPasswordCharacters } from "../../password-policy.ts";
import { type FormProblem, field, problemSummary } from "./form-parts.ts";
import { html } from "./html.ts";
import type { PageContent } from "./page.ts";

export interface SignUpPage {
  /** Where the form goes. */
  readonly action: string;
  readonly clientName: string;
  /** For those who have an account. */
  readonly signInUrl?: string;
  readonly name?: string;
  readonly email?: string;
  /** The link is for this address and no other. */
  readonly isEmailFixed?: boolean;
  readonly problem?: FormProblem;
  readonly formTargets: readonly string[];
}

export function signUpPage(page: SignUpPage): PageContent {
  const { problem } = page;
  const wrong = (name: string) => {
    const text = problem?.fields && Object.hasOwn(problem.fields, name) ? problem.fields[name] : undefined;
    return text === undefined ? {} : { problem: text };
  };
  return {
    title: "Create an account",
    isError: problem !== undefined,
    formTargets: page.formTargets,
    body: html`<h1>Create an account</h1>
<p class="lead">to continue to ${page.clientName}</p>
${problemSummary(problem)}
<form method="post" action="${page.action}">
${field({
  name: "name",
  label: "Name",
  type: "text",
  autocomplete: "name",
  value: page.name ?? "",
  isOptional: true,
  hasFocus: problem === undefined,
  ...wrong("name"),
})}
${field({
  name: "email",
  label: "E-mail address",
  type: "email",
  autocomplete: "username",
  value: page.email ?? "",
  isReadOnly: page.isEmailFixed === true,
  ...wrong("email"),
})}
${field({
  name: "password",
  label: "Password",
  type: "password",
  autocomplete: "new-password",
  hint: `${minPasswordCharacters} characters or more: four or five words that don’t belong together make a good one.`,
  minLength: minPasswordCharacters,
  ...wrong("password"),
})}
${field({
  name: "password-again",
  label: "Password again",
  type: "password",
  autocomplete: "new-password",
  ...wrong("password-again"),
})}
<button type="submit">Create account</button>
</form>
${page.signInUrl !== undefined && html`<p class="beside">Have an account? <a href="${page.signInUrl}">Sign in</a></p>`}`,
  };
}
