import { type Html, html } from "./html.ts";

/** What is wrong with what was sent: in general, or by field. */
export interface FormProblem {
  readonly summary: string;
  readonly fields?: Readonly<Record<string, string>>;
}

/** Read out and focused as the page opens; each of its lines leads to the field it is about. */
export const problemSummary = (problem: FormProblem | undefined): Html | undefined =>
  problem &&
  html`<div class="alert" role="alert" tabindex="-1" autofocus id="problem"><p>${problem.summary}</p>${fieldList(problem)}</div>`;

function fieldList({ fields = {} }: FormProblem): Html | undefined {
  const lines = Object.entries(fields).map(
    ([name, problem]) => html`<li><a href="#${name}">${problem}</a></li>`,
  );
  return lines.length > 0 ? html`<ul>${lines}</ul>` : undefined;
}

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: "email" | "password" | "text";
  /** HTML Standard §4.10.18.7.1: by it a password manager knows what to fill in and what to keep. */
  readonly autocomplete: string;
  readonly value?: string;
  readonly hint?: string;
  readonly problem?: string;
  readonly isOptional?: boolean;
  readonly isReadOnly?: boolean;
  readonly minLength?: number;
  readonly hasFocus?: boolean;
}

/** A labelled input with its hint and its problem, which it is described by. */
export function field(it: Field): Html {
  const describedBy = [it.problem && `${it.name}-problem`, it.hint && `${it.name}-hint`]
    .filter(Boolean)
    .join(" ");
  return html`<div>
<label for="${it.name}">${it.label}${it.isOptional && html` <span class="optional">(optional)</span>`}</label>
<input id="${it.name}" name="${it.name}" type="${it.type}" autocomplete="${it.autocomplete}" value="${it.value ?? ""}"${
    it.type !== "text" && html` autocapitalize="none" spellcheck="false"`
  }${!it.isOptional && html` required`}${it.isReadOnly && html` readonly`}${
    it.minLength !== undefined && html` minlength="${it.minLength}"`
  }${it.hasFocus && html` autofocus`}${it.problem !== undefined && html` aria-invalid="true"`}${
    describedBy !== "" && html` aria-describedby="${describedBy}"`
  }>
${it.problem !== undefined && html`<p class="wrong" id="${it.name}-problem">${it.problem}</p>`}${
  it.hint !== undefined && html`<p class="hint" id="${it.name}-hint">${it.hint}</p>`
}
</div>`;
}
