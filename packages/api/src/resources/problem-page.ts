import { problemCodes, problemStatuses } from "@stowage/protocol";
import type { ApiServer } from "../api-context.ts";
import { problemsPath, problemTitles } from "../problems/problem-of.ts";

const rows = problemCodes
  .map(
    (code) =>
      `<tr id="${code}"><td><code>${code}</code></td><td>${problemStatuses[code]}</td><td>${problemTitles[code].replaceAll("'", "&#39;")}</td></tr>`,
  )
  .join("\n");

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Problems that Stowage answers with</title>
<h1>Problems that Stowage answers with</h1>
<p>Every answer that is not a success is <code>application/problem+json</code> with one of these codes. They are stable.</p>
<table>
<thead><tr><th>code</th><th>status</th><th>in words</th></tr></thead>
<tbody>
${rows}
</tbody>
</table>
</html>
`;

/** The page that a problem's `type` leads to (RFC 9457 section 3.1.1). */
export function problemPage(server: ApiServer): void {
  server.get(problemsPath, { schema: { hide: true } }, (_request, reply) =>
    reply.type("text/html; charset=utf-8").send(page),
  );
}
