import { createHash } from "node:crypto";
import { signInPageStyle } from "./sign-in-page-style.ts";

/** What a person sees in the browser when they come back from the issuer. */
export interface SignInPage {
  readonly status: 200 | 400;
  readonly title: string;
  readonly text: string;
}

const styleHash = createHash("sha256").update(signInPageStyle).digest("base64");

/** Nothing is loaded, run, sent or framed; the address, which holds a code, goes to nobody and is kept nowhere. */
export const pageHeaders: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const icon = (path: string): string =>
  `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${path}</svg>`;

/** The product's mark, a tick and a cross. */
const mark = icon('<path d="M3 10h18v8a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z"/><path d="M5 7h14M7 4h10M9 14h6"/>');
const done = icon('<circle cx="12" cy="12" r="10"/><path d="m8 12.5 2.5 2.5L16 9.5"/>');
const failed = icon('<circle cx="12" cy="12" r="10"/><path d="m9 9 6 6M15 9l-6 6"/>');

/** The page whole: it needs no other file and no script. */
export const renderPage = ({ status, title, text }: SignInPage): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${status === 200 ? "" : "Error: "}${escapeHtml(title)} – Stowage</title>
<style>${signInPageStyle}</style>
</head>
<body>
<header>${mark}Stowage</header>
<main><div class="card${status === 200 ? "" : " failed"}">
${status === 200 ? done : failed}
<h1>${escapeHtml(title)}</h1>
${text
  .split("\n")
  .filter(Boolean)
  .map((line) => `<p>${escapeHtml(line)}</p>`)
  .join("\n")}
</div></main>
</body>
</html>
`;
