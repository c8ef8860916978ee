import { createHash } from "node:crypto";

/** What a person sees in the browser when they come back from the issuer. */
export interface SignInPage {
  readonly status: 200 | 400;
  readonly title: string;
  readonly text: string;
}

const style = `
:root{color-scheme:light dark;--ink:#1d2433;--soft:#5b6577;--paper:#f7f8fa;--card:#fff;--line:#dfe3ea;--ok:#1a7f4b;--danger:#b3261e}
@media (prefers-color-scheme:dark){:root{--ink:#e8ebf2;--soft:#9aa5b8;--paper:#12151c;--card:#1a1f29;--line:#2c3442;--ok:#5fd39a;--danger:#ff9d94}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,sans-serif}
main{width:min(30rem,100%);background:var(--card);border:1px solid var(--line);border-radius:1rem;padding:clamp(1.25rem,5vw,2.5rem);overflow-wrap:anywhere}
h1{margin:0 0 .5rem;font-size:1.5rem;letter-spacing:-.01em}
h1::before{content:"";display:inline-block;width:.6em;height:.6em;margin-right:.5em;border-radius:50%;background:var(--ok)}
.failed h1::before{background:var(--danger)}
p{margin:.5rem 0;color:var(--soft)}
`;

const styleHash = createHash("sha256").update(style).digest("base64");

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

/** The page whole: it needs no other file and no script. */
export const renderPage = ({ status, title, text }: SignInPage): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)} · Stowage</title>
<style>${style}</style>
<main${status === 200 ? "" : ' class="failed"'}>
<h1>${escapeHtml(title)}</h1>
${text
  .split("\n")
  .filter(Boolean)
  .map((line) => `<p>${escapeHtml(line)}</p>`)
  .join("\n")}
</main>
</html>
`;
