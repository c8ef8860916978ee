import { createHash } from "node:crypto";
import type { ApiServer } from "@stowage/api";

const style = `
:root{color-scheme:light dark;--ink:#1d2433;--soft:#5b6577;--paper:#f7f8fa;--card:#fff;--line:#dfe3ea;--accent:#2458d6}
@media (prefers-color-scheme:dark){:root{--ink:#e8ebf2;--soft:#9aa5b8;--paper:#12151c;--card:#1a1f29;--line:#2c3442;--accent:#8fb0ff}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,sans-serif}
main{width:min(42rem,100%);background:var(--card);border:1px solid var(--line);border-radius:1rem;padding:clamp(1.25rem,5vw,2.5rem)}
h1{margin:0 0 .25rem;font-size:1.6rem;letter-spacing:-.01em}
p{margin:.5rem 0;color:var(--soft)}
ol{padding-left:1.25rem;margin:1.25rem 0}
li{margin:.75rem 0}
pre{margin:.35rem 0 0;padding:.7rem .9rem;border:1px solid var(--line);border-radius:.6rem;background:var(--paper);white-space:pre-wrap;overflow-wrap:anywhere;font:.875rem/1.5 ui-monospace,monospace}
a{color:var(--accent)}
`;

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** What a person sees who opens the web origin in a browser: that it runs, and what to do next. */
export function serveWelcomePage(server: ApiServer, publicUrl: string): void {
  const styleHash = createHash("sha256").update(style).digest("base64");
  const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>Stowage is running</title>
<style>${style}</style>
<main>
<h1>Stowage is running</h1>
<p>Photographs and PDFs are sent with the command line or from your own app. In a terminal on this machine:</p>
<ol>
<li>Make an account:<pre>npm run -s stowage -- user add you@example.com</pre></li>
<li>Get an access token for it:<pre>export STOWAGE_TOKEN=$(npm run -s stowage -- token you@example.com)</pre></li>
<li>Upload a photograph, then see it listed:<pre>npm run -s stowage -- put photo.jpg
npm run -s stowage -- ls</pre></li>
</ol>
<p>The API answers at <code>${escapeHtml(publicUrl)}/v1</code>; <a href="/openapi.json">its description</a> is OpenAPI 3.1.</p>
</main>
</html>
`;
  server.get("/", { schema: { hide: true } }, (_request, reply) =>
    reply
      .header(
        "content-security-policy",
        `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      )
      .type("text/html; charset=utf-8")
      .send(page),
  );
}
