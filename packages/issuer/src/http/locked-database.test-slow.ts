import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { exchangeCode, newFlow, phrase, serveIssuer, signIn } from "../testing/served-issuer.testing.ts";
import { openTestBrowser } from "../testing/test-browser.testing.ts";

test("while another program holds the database, clients are told to come back, and then all is as it was", async (t) => {
  const served = await serveIssuer(t);
  await served.issuer.addAccount({ email: "ann@example.com", password: phrase });
  const flow = newFlow(served);
  const code = (await signIn(served, openTestBrowser(), flow)).get("code") ?? "";
  const first = await exchangeCode(served, flow, code);
  const refreshToken = first.body.refresh_token ?? "";

  const form = (parameters: Record<string, string>) => ({
    method: "POST",
    body: new URLSearchParams({ client_id: "stowage-web", ...parameters }),
    redirect: "manual" as const,
  });
  const requests = [
    () => fetch(newFlow(served).url, { redirect: "manual" }),
    () =>
      fetch(`${served.issuerUrl}/token`, form({ grant_type: "refresh_token", refresh_token: refreshToken })),
    () => fetch(`${served.issuerUrl}/revocation`, form({ token: refreshToken })),
  ];
  const other = new DatabaseSync(join(served.directory, "issuer.sqlite"));
  other.exec("BEGIN IMMEDIATE");
  for (const { status, headers, url } of await Promise.all(requests.map((ask) => ask()))) {
    assert.equal(status, 503, url);
    assert.equal(headers.get("retry-after"), "5", url);
  }
  other.exec("ROLLBACK");
  other.close();
  for (const ask of requests) {
    const { status, url } = await ask();
    assert.ok(status < 400, `${url}: ${status}`);
  }
  // It is no defect of ours.
  assert.deepEqual(
    served.events.filter(({ type }) => type === "error"),
    [],
  );
});
