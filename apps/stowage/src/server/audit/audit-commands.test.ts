import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { appendFile, copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { createSqliteMetadataStore } from "@stowage/sql";
import { pino } from "pino";
import { capturedRun, jsonValues } from "../../cli/testing/captured-run.ts";
import { temporaryFolder } from "../../cli/testing/temporary-folder.ts";
import { fillDataDirectory } from "../../testing/data-directory.ts";
import { databaseFile } from "../adapters.ts";
import { openSecrets } from "../secrets.ts";
import { defaultCheckpointFile } from "./checkpoint-file.ts";
import { checkpointKeyOf } from "./checkpoint-key.ts";
import { keepAuditChain } from "./keep-audit-chain.ts";

const denied = { actor: "anonymous", action: "access.denied", targetId: "GET /v1/files/:id" } as const;

/** Lets the worker's part of it run once, to its stop. */
async function keepChain(dataDir: string, checkpointFile = defaultCheckpointFile(dataDir)): Promise<void> {
  const metadata = await createSqliteMetadataStore({ file: databaseFile(dataDir) });
  try {
    await keepAuditChain({
      metadata,
      clock: { nowMs: () => Date.now() },
      key: checkpointKeyOf(await openSecrets(dataDir)),
      checkpointFile,
      logger: pino({ level: "silent" }),
    }).stop();
  } finally {
    await metadata.close();
  }
}

async function addEvents(dataDir: string, count: number, nowMs = Date.now()): Promise<void> {
  const metadata = await createSqliteMetadataStore({
    file: databaseFile(dataDir),
    clock: { nowMs: () => nowMs },
  });
  await metadata.addAuditEvents(Array.from({ length: count }, () => denied));
  await metadata.close();
}

/** A data directory with audit events of two files, all of them linked and vouched for. */
async function audited(t: TestContext): Promise<string> {
  const dataDir = await temporaryFolder(t);
  await fillDataDirectory(dataDir, async ({ addFile }) => {
    await addFile(randomBytes(10));
    await addFile(randomBytes(10));
  });
  await keepChain(dataDir);
  return dataDir;
}

function change(dataDir: string, sql: string): void {
  const database = new DatabaseSync(databaseFile(dataDir));
  database.exec(sql);
  database.close();
}

const verify = (dataDir: string, ...args: string[]) =>
  capturedRun(["audit", "verify", "--data", dataDir, ...args]);

interface Line {
  readonly kind: string;
  readonly [member: string]: unknown;
}

test("what was written is told to be, in a database that a server may have open", async (t) => {
  const dataDir = await audited(t);
  const { status, out, said } = await verify(dataDir, "--strict");
  assert.deepEqual([status, out], [0, ""]);
  assert.match(said, /^8 events in 1 chain, held to 1 checkpoint\.\nIt is what was written\.\n$/);
  await addEvents(dataDir, 3);
  const [summary] = jsonValues<Line>(await verify(dataDir, "--json"));
  assert.deepEqual(summary, {
    kind: "summary",
    events: 11,
    unchained: 3,
    chains: 1,
    checkpoints: 1,
    faults: 0,
  });
});

for (const [what, sql, said] of [
  ["a changed actor", "UPDATE audit_events SET actor = 'bob' WHERE sequence = 4", /^Event 4 was changed/],
  ["a changed time", "UPDATE audit_events SET at = at + 1 WHERE sequence = 4", /^Event 4 was changed/],
  ["a deleted event", "DELETE FROM audit_events WHERE sequence = 4", /^Event 4 is missing\.$/m],
  ["the first one deleted", "DELETE FROM audit_events WHERE sequence = 1", /^Event 1 is missing\.$/m],
  [
    "two that were swapped",
    `UPDATE audit_events SET sequence = -1 WHERE sequence = 3;
     UPDATE audit_events SET sequence = 3 WHERE sequence = 5;
     UPDATE audit_events SET sequence = 5 WHERE sequence = -1`,
    /^Event 3 is number 5 of the chain/m,
  ],
  ["the last ones deleted", "DELETE FROM audit_events WHERE sequence > 5", /^Events 6 to 8 are missing\.$/m],
  [
    "an end that was cut off, and what the database knows of it",
    `DELETE FROM audit_events WHERE sequence > 5;
     UPDATE sqlite_sequence SET seq = 5 WHERE name = 'audit_events';
     UPDATE audit_chains SET number = 5, hash = (SELECT hash FROM audit_events WHERE sequence = 5)`,
    /^Events were cut off: the chain of no organisation ends with number 5, and had number 8/,
  ],
  ["all of it deleted", "DELETE FROM audit_events", /^Events 1 to 8 are missing\.$/m],
  [
    "an event put before all others",
    `INSERT INTO audit_events (sequence, at, actor, action, target_id, chain, number, hash)
     VALUES (-5, 1, 'bob', 'file.changed', 'x', '', 1, x'00')`,
    /^Event -5 stands behind/,
  ],
  [
    "an event put in without a link",
    `UPDATE audit_events SET number = NULL, hash = NULL WHERE sequence = 4`,
    /^Event 4 is in no chain, and later ones are/m,
  ],
  ["a number that no event has", "UPDATE audit_events SET at = 1 << 60 WHERE sequence = 2", /can't be read/],
] as const)
  test(`${what}: verify ends with 1 and names it`, async (t) => {
    const dataDir = await audited(t);
    change(dataDir, sql);
    const result = await verify(dataDir);
    assert.equal(result.status, 1);
    assert.match(result.out + result.said, said);
  });

test("a log that was written anew, with hashes that fit, is not the one that the checkpoints know", async (t) => {
  const dataDir = await audited(t);
  change(
    dataDir,
    `UPDATE audit_events SET actor = 'bob' WHERE sequence = 4;
     UPDATE audit_events SET chain = NULL, number = NULL, hash = NULL; DELETE FROM audit_chains;
     UPDATE audit_sequencer SET linked_sequence = 0`,
  );
  // Even where the server itself is made to link and to sign it all once more.
  await keepChain(dataDir, join(dataDir, "others.jsonl"));
  const result = await verify(dataDir);
  assert.equal(result.status, 1);
  assert.match(result.out, /^History was rewritten: number 8 of the chain of no organisation/);
});

test("an export verifies on another machine, and what was done to it is found", async (t) => {
  const dataDir = await audited(t);
  const elsewhere = await temporaryFolder(t);
  const file = join(elsewhere, "audit.jsonl");
  const exported = await capturedRun(["audit", "export", "--data", dataDir, "-o", file]);
  assert.deepEqual([exported.status, exported.said], [0, `8 events are in ${file}.\n`]);
  const [start = "", ...lines] = (await readFile(file, "utf8")).trimEnd().split("\n");
  assert.deepEqual(JSON.parse(start), { stowageAudit: 1, after: 0, heads: [] });
  assert.equal(lines.length, 8);

  const checkpoints = join(elsewhere, "checkpoints.jsonl");
  await copyFile(defaultCheckpointFile(dataDir), checkpoints);
  const { out: pem } = await capturedRun(["audit", "public-key", "--data", dataDir]);
  const key = join(elsewhere, "key.pem");
  await writeFile(key, pem);
  const check = async (text: string) => {
    await writeFile(file, text);
    const args = ["--export", file, "--checkpoints", checkpoints, "--public-key", key];
    return capturedRun(["audit", "verify", ...args], { cwd: elsewhere });
  };
  const whole = await check([start, ...lines, ""].join("\n"));
  assert.deepEqual([whole.status, whole.out], [0, ""], whole.said);
  for (const [text, found] of [
    [[start, ...lines.slice(0, 3), ...lines.slice(4)], /^Event 4 is missing/],
    [[start, ...lines.slice(0, 5)], /^Events were cut off/],
    [
      [start, ...lines].map((line) => line.replace("upload.ready", "upload.rejected")),
      /^Event 4 was changed/,
    ],
    [[start, ...lines.slice(0, 3), "{}", ...lines.slice(4)], /^Line 5 of .* is no event/],
    [[start, ...lines].map((line) => line.replace(/,"hash":"[0-9a-f]+"/, "")), /^Line 2 of .* is no event/],
    [lines, /no export of an audit/],
  ] as const) {
    const result = await check(text.join("\n"));
    assert.equal(result.status, 1);
    assert.match(result.out + result.said, found);
  }

  const keyless = await capturedRun(["audit", "verify", "--export", file, "--checkpoints", checkpoints], {
    cwd: elsewhere,
  });
  assert.equal(keyless.status, 2);
  assert.match(keyless.said, /--public-key FILE/);
});

test("an export from the middle on is held to the heads that it begins with", async (t) => {
  const dataDir = await audited(t);
  const file = join(dataDir, "late.jsonl");
  await capturedRun(["audit", "export", "--data", dataDir, "--after", "5", "-o", file]);
  const args = ["--export", file, "--checkpoints", defaultCheckpointFile(dataDir)];
  const whole = await verify(dataDir, ...args);
  assert.equal(whole.status, 0, whole.out);
  assert.match(whole.said, /^3 events in 1 chain/);
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace(/"hash":"./, '"hash":"g'));
  assert.match((await verify(dataDir, ...args)).out, /^Event 6 was changed/);
});

test("an export is never written over a file that is there", async (t) => {
  const dataDir = await audited(t);
  const file = join(dataDir, "there.jsonl");
  await writeFile(file, "mine");
  const result = await capturedRun(["audit", "export", "--data", dataDir, "-o", file]);
  assert.equal(result.status, 1);
  assert.equal(await readFile(file, "utf8"), "mine");
});

test("a checkpoint that was changed, or signed by somebody else, is found; a torn line counts for nothing", async (t) => {
  const dataDir = await audited(t);
  const file = defaultCheckpointFile(dataDir);
  const line = await readFile(file, "utf8");
  await writeFile(file, line.slice(0, 40));
  await addEvents(dataDir, 1);
  await keepChain(dataDir);
  const torn = await verify(dataDir);
  assert.equal(torn.status, 0, torn.out);
  assert.match(torn.said, /held to 1 checkpoint\.\n(?:.*\n)*Line 1 of the checkpoints can't be read/);

  await writeFile(file, line.replace('"number":8', '"number":7'));
  assert.match((await verify(dataDir)).out, /^The checkpoint of .*, number 7, was changed/);
  const other = await audited(t);
  await copyFile(defaultCheckpointFile(other), file);
  const foreign = await verify(dataDir);
  assert.equal(foreign.status, 1);
  assert.match(foreign.out, /signed by another key/);
});

test("checkpoints that are gone are missed, once there was time to write some", async (t) => {
  const dataDir = await audited(t);
  await rm(defaultCheckpointFile(dataDir));
  const young = await verify(dataDir);
  assert.equal(young.status, 0);
  assert.match(young.said, /nobody vouches for it/);
  await addEvents(dataDir, 1, Date.now() + 6 * 60_000);
  const result = await verify(dataDir);
  assert.equal(result.status, 1);
  assert.match(result.out, /^No checkpoint vouches for anything/);
});

test("--strict wants everything linked and vouched for within five minutes", async (t) => {
  const dataDir = await audited(t);
  await addEvents(dataDir, 1, Date.now() - 6 * 60_000);
  assert.equal((await verify(dataDir)).status, 0);
  assert.match((await verify(dataDir, "--strict")).out, /have no place in a chain/);
  await keepChain(dataDir, join(dataDir, "others.jsonl"));
  assert.equal((await verify(dataDir)).status, 0);
  assert.match((await verify(dataDir, "--strict")).out, /^No checkpoint vouches for events since/);
});

test("checkpoints are appended, only of chains that have grown, also by the process after", async (t) => {
  const dataDir = await audited(t);
  const file = defaultCheckpointFile(dataDir);
  const lines = async () => (await readFile(file, "utf8")).trimEnd().split("\n").length;
  assert.equal(await lines(), 1);
  await keepChain(dataDir);
  assert.equal(await lines(), 1);
  await addEvents(dataDir, 1);
  await keepChain(dataDir);
  assert.equal(await lines(), 2);
  await appendFile(file, "");
  assert.equal((await verify(dataDir, "--strict")).status, 0);
});

test("a data directory that no server was started on is said to be none", async (t) => {
  const dataDir = await temporaryFolder(t);
  for (const command of ["verify", "export", "public-key"]) {
    const { status, said } = await capturedRun(["audit", command, "--data", dataDir]);
    assert.equal(status, 1);
    assert.match(said, /no server was ever started there/);
  }
});
