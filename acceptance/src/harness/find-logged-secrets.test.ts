import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { findLoggedSecrets } from "./find-logged-secrets.ts";
import { makeFolder, removeFolder } from "./run-cli.ts";

async function search(secrets: readonly string[], log: string) {
  const folder = await makeFolder("record");
  try {
    const lines = secrets.map((value) => `${JSON.stringify({ what: "a token", value })}\n`);
    writeFileSync(join(folder, "secrets-1.jsonl"), lines.join(""));
    writeFileSync(join(folder, "server-1.log"), log);
    return findLoggedSecrets(folder);
  } finally {
    await removeFolder(folder);
  }
}

const secret = "s3cr3t-that-nobody-may-see";

test("a secret is found wherever it stands in a line, and told with the line", async () => {
  for (const around of [
    ["", ""],
    ['{"url":"/x?sig=', '&y"}'],
    ["abc", "def"],
  ]) {
    const line = around.join(secret);
    const { found } = await search(["another-secret-of-it", secret], `{"level":"info"}\n${line}\nend\n`);
    assert.deepEqual(found, [{ what: "a token", log: "server-1.log", line }]);
  }
});

test("one that is written with escapes is found by what needs none", async () => {
  const name = 'a "quoted" very-private-name.png';
  assert.equal((await search([name], `${JSON.stringify({ name })}\n`)).found.length, 1);
  assert.equal((await search([name], `${encodeURIComponent(name)}\n`)).found.length, 1);
});

test("a log without it is clean, and what begins alike is something else", async () => {
  const { found, logs, secrets } = await search([secret], `${secret.slice(0, -1)}\n${secret.slice(1)}\n`);
  assert.deepEqual({ found, logs, secrets }, { found: [], logs: 1, secrets: 1 });
});
