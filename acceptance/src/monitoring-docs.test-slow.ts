import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Family, parseExposition } from "./harness/parse-exposition.ts";
import { checkoutDir } from "./harness/run-cli.ts";
import { type Server, startServer } from "./harness/start-server.ts";

const read = (...path: string[]): string => readFileSync(join(checkoutDir, "docs", ...path), "utf8");
const docs = read("monitoring.md");
const rules = read("monitoring", "stowage.rules.yml");
const dashboard = JSON.parse(read("monitoring", "stowage-dashboard.json")) as {
  readonly panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[];
};

let server: Server;
let metrics: Map<string, Family>;

before(async () => {
  server = await startServer();
  metrics = parseExposition(await (await fetch(`${server.api}/metrics`)).text());
});
after(() => server.stop());

/** Names of metrics in PromQL or prose; a histogram's series by its family. */
const namesIn = (text: string): string[] =>
  [...text.matchAll(/\b(?:stowage|process|nodejs)_[a-z_]+\b/g)].map(([name]) =>
    metrics.has(name) ? name : name.replace(/_(bucket|sum|count)$/, ""),
  );

test("every metric is in docs/monitoring.md, and every one that is there exists", () => {
  const documented = [...docs.matchAll(/^\| `([a-z_]+)`/gm)].map(([, name]) => name);
  assert.deepEqual(documented.sort(), [...metrics.keys()].sort());
});

test("every metric that alerts and dashboard ask for exists, and the dashboard shows every one", () => {
  const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  assert.ok(expressions.length > 20);
  const shown = new Set(namesIn(expressions.join("\n")));
  const alerted = new Set(
    namesIn([...rules.matchAll(/expr: ((?:.|\n {10})+)/g)].map(([, expr]) => expr).join("\n")),
  );
  assert.ok(alerted.size > 8);
  for (const name of [...shown, ...alerted]) assert.ok(metrics.has(name), `${name} does not exist`);
  for (const name of metrics.keys()) assert.ok(shown.has(name), `${name} is not on the dashboard`);
});

test("docs/monitoring.md says what to do about each alert, and about no other", () => {
  const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
  const documented = [...docs.matchAll(/^\| \*\*(Stowage\w+)\*\*/gm)].map(([, name]) => name);
  assert.ok(alerts.length > 10);
  assert.deepEqual(documented, alerts);
});
