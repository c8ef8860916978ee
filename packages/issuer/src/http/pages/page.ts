import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { Html, html } from "./html.ts";
import { createStyle } from "./style.ts";

export interface PageContent {
  /** What the page is, for the tab and for the heading. */
  readonly title: string;
  /** The page says first of all that something is wrong. */
  readonly isError?: boolean;
  readonly body: Html;
  /** Origins, besides our own, that a form's answer may lead to. Default: none. */
  readonly formTargets?: readonly string[];
}

export interface Pages {
  /** The document and the headers that go with it. */
  render(content: PageContent): { readonly body: string; readonly headers: Readonly<Record<string, string>> };
  send(
    response: ServerResponse,
    status: number,
    content: PageContent,
    headers?: Record<string, string>,
  ): void;
}

/** For every answer of the issuer, pages or not. */
export const securityHeaders: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  // Not "no-referrer": browsers would then send forms with "Origin: null".
  "Referrer-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** Hills and a low sun in a print's frame: the web application's mark. */
const mark = html`<svg viewBox="0 0 32 32" aria-hidden="true" focusable="false"><rect width="32" height="32" rx="8" fill="#1f5b49"/><path d="M7 20.5 13 13l4.2 5.2 2.6-3.1 5.2 5.4V23a2 2 0 0 1-2 2H9a2 2 0 0 1-2-2z" fill="#f6f2e9"/><circle cx="21.5" cy="10.2" r="2.7" fill="#e8b85c"/></svg>`;

/**
 * The frame of all pages. Nothing runs, and nothing but fonts is loaded: the policy allows the one inline style sheet by its
 * hash, and forms to ourselves and to where their answer leads (Chromium holds redirects after a form to `form-action`).
 */
export function createPages({
  webOrigin,
  theme,
}: {
  readonly webOrigin: string;
  readonly theme?: string;
}): Pages {
  const style = createStyle(theme);
  // On plain http browsers ignore an opener policy, and complain of it on the console; their own machine excepted.
  const { protocol, hostname } = new URL(webOrigin);
  const isTrustworthy = protocol === "https:" || /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
  const styleHash = createHash("sha256").update(style).digest("base64");
  const policyFor = (formTargets: readonly string[]) =>
    [
      "default-src 'none'",
      `style-src 'sha256-${styleHash}'`,
      "font-src 'self'",
      `form-action 'self' ${formTargets.join(" ")}`.trim(),
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ].join("; ");

  const render: Pages["render"] = ({ title, isError = false, body, formTargets = [] }) => ({
    body: html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${isError && "Error: "}${title} – Stowage</title>
<style>${new Html(style)}</style>
</head>
<body>
<header><a class="brand" href="${webOrigin}/">${mark}Stowage</a></header>
<main><div class="card">
${body}
</div></main>
</body>
</html>
`.text,
    headers: {
      ...securityHeaders,
      ...(isTrustworthy && { "Cross-Origin-Opener-Policy": "same-origin" }),
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": policyFor(formTargets),
    },
  });

  return {
    render,
    send: (response, status, content, headers = {}) => {
      const page = render(content);
      response.writeHead(status, {
        ...page.headers,
        ...headers,
        "Content-Length": Buffer.byteLength(page.body),
      });
      response.end(page.body);
    },
  };
}
