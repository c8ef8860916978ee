import { html } from "./html.ts";
import type { PageContent } from "./page.ts";

/** A page that says one thing, and where to go from it. */
export function messagePage(page: {
  readonly title: string;
  readonly text: string;
  readonly isError?: boolean;
  readonly link: { readonly url: string; readonly text: string };
}): PageContent {
  return {
    title: page.title,
    isError: page.isError ?? false,
    body: html`<h1>${page.title}</h1>
<p class="lead">${page.text}</p>
<p class="ahead"><a class="button" href="${page.link.url}">${page.link.text}</a></p>`,
  };
}
