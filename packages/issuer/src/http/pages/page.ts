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
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** A stack of pictures in a box, drawn with strokes of the accent colour. */
const mark = html`<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M3 10h18v8a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z"/><path d="M5 7h14M7 4h10M9 14h6"/></svg>`;

/**
 * The frame of all pages. Nothing is loaded and nothing runs: the policy allows the one inline style sheet by its hash,
 * and forms to ourselves and to where their answer leads (Chromium holds redirects after a form to `form-action`).
 */
export function createPages({
  webOrigin,
  theme,
}: {
  readonly webOrigin: string;
  readonly theme?: string;
}): Pages {
  const style = createStyle(theme);
  const styleHash = createHash("sha256").update(style).digest("base64");
  const policyFor = (formTargets: readonly string[]) =>
    [
      "default-src 'none'",
      `style-src 'sha256-${styleHash}'`,
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
