import assert from "node:assert/strict";
import { randomBytes, sign } from "node:crypto";
import { appendFile, copyFile, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { createSqliteMetadataStore } from "@stowage/sql";
import { pino } from "pino";
import { capturedRun, jsonValues } from "../../cli/testing/captured-run.ts";
import { temporaryFolder } from "../../cli/testing/temporary-folder.ts";
import { fillDataDirectory } from "../../testing/data-directory.ts";
import { lockDataDirectory } from "../data-directory-lock.ts";
import { databaseFile } from "../data-directory-places.ts";
import { writeRunning } from "../running.ts";
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

test("events that are dated long before one in front of them are told, and are no fault: a clock may have been set back", async (t) => {
  const dataDir = await audited(t);
  const nowMs = Date.now();
  await addEvents(dataDir, 1, nowMs - 4 * 60_000);
  await addEvents(dataDir, 2, nowMs - 365 * 24 * 3600_000);
  await keepChain(dataDir);
  const { status, said } = await verify(dataDir);
  assert.equal(status, 0);
  assert.match(
    said,
    /\n2 are dated five minutes or more before an event in front, the first is event 10: somebody put it there, or a clock was set back\.\n/,
  );
  const [summary] = jsonValues<Line>(await verify(dataDir, "--json"));
  assert.deepEqual(summary?.backdated, { count: 2, firstSequence: 10 });
});

test("an event that an index hides from lists is found, whatever the schema says again", async (t) => {
  const dataDir = await audited(t);
  const file = databaseFile(dataDir);
  const rewrite = (sql: string) => {
    const database = new DatabaseSync(file);
    database.enableDefensive?.(false);
    database.exec("PRAGMA writable_schema = ON");
    database.prepare("UPDATE sqlite_schema SET sql = ? WHERE name = ?").run(sql, "audit_events_by_target");
    database.exec("PRAGMA writable_schema = RESET");
    database.exec("REINDEX audit_events_by_target");
    return database;
  };
  const before = new DatabaseSync(file, { readOnly: true });
  const part = before.prepare("SELECT sql FROM sqlite_schema WHERE name = 'audit_events_by_target'").get();
  const { target_id: hidden } = { ...before.prepare("SELECT target_id FROM audit_events LIMIT 1").get() };
  before.close();
  const own = String(part?.sql);
  const narrowed = `${own} ${/ WHERE /.test(own) ? "AND" : "WHERE"} target_id <> '${String(hidden)}'`;
  const database = rewrite(narrowed);
  database.exec("PRAGMA writable_schema = ON");
  database.prepare("UPDATE sqlite_schema SET sql = ? WHERE name = ?").run(own, "audit_events_by_target");
  database.close();
  const { status, out } = await verify(dataDir);
  assert.equal(status, 1);
  assert.match(
    out,
    /^The log and what lists find it by do not agree: row 1 missing from index audit_events_by_target\.$/m,
  );
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
     UPDATE audit_sequencer SET linked_sequence = 5;
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
    "an event put before all that a number may be",
    `INSERT INTO audit_events (sequence, at, actor, action, target_id, chain, number, hash)
     VALUES (-9007199254740991, 1, 'bob', 'file.changed', 'x', '', 1, x'00')`,
    /^Event -9007199254740991 stands behind/,
  ],
  [
    "an event put before what can be read",
    `INSERT INTO audit_events (sequence, at, actor, action, target_id, chain, number, hash)
     VALUES (-9223372036854775808, 1, 'bob', 'file.changed', 'x', '', 1, x'00')`,
    /^Event -9223372036854776000 stands behind/,
  ],
  [
    "an event put in without a link",
    `UPDATE audit_events SET number = NULL, hash = NULL WHERE sequence = 4`,
    /^Event 4 is in no chain, and later ones are/m,
  ],
  [
    "a position that was moved",
    "UPDATE audit_sequencer SET linked_sequence = 5",
    /^Events have places up to 8, and the database has 5 written down/m,
  ],
  [
    "a trigger that changes what is written",
    `CREATE TRIGGER quiet AFTER INSERT ON audit_events BEGIN
       UPDATE audit_events SET actor = 'bob' WHERE sequence = NEW.sequence; END`,
    /^The database has a trigger quiet on audit_events that Stowage did not make/m,
  ],
  [
    "a trigger of Stowage's that does something else now",
    `DROP TRIGGER organisation_loses;
     CREATE TRIGGER organisation_loses AFTER DELETE ON principals BEGIN DELETE FROM audit_events; END`,
    /^The database has a trigger organisation_loses/m,
  ],
  [
    "a view in place of the log",
    `ALTER TABLE audit_events RENAME TO real_events;
     CREATE VIEW audit_events AS SELECT * FROM real_events WHERE sequence > 0`,
    /^The database has a view audit_events/m,
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

test("an event that was hidden by a seal is named, also behind an invented one that excuses it and that the server chained", async (t) => {
  const dataDir = await audited(t);
  change(
    dataDir,
    `UPDATE audit_events SET sealed_by = 'album' WHERE sequence = 4; INSERT INTO unrevealed_albums (album_id) VALUES ('album');
     INSERT INTO audit_events (at, actor, action, target_id) VALUES (1, 'system', 'audit.seals-hashed', 'audit')`,
  );
  await keepChain(dataDir);
  const { status, out } = await verify(dataDir);
  assert.equal(status, 1);
  assert.match(out, /^Event 4 was changed/);
});

test("a position that was moved ahead keeps no event from its chain", async (t) => {
  const dataDir = await audited(t);
  change(dataDir, "UPDATE audit_sequencer SET linked_sequence = 1000");
  await addEvents(dataDir, 2);
  await keepChain(dataDir);
  change(dataDir, "UPDATE audit_events SET actor = 'bob' WHERE sequence = 9");
  assert.match((await verify(dataDir)).out, /^Event 9 was changed/);
});

test("a log that has lost an event and what its database wrote down of it does not hold what the checkpoint says", async (t) => {
  const dataDir = await audited(t);
  change(dataDir, "DELETE FROM audit_events WHERE sequence = 3");
  assert.match(
    (await verify(dataDir)).out,
    /^Up to event 8 there are 7 events that have a place, and a checkpoint vouches for 8/m,
  );
});

test("checkpoints of before, which say nothing of the whole log, are believed; one that lost that part is not", async (t) => {
  const dataDir = await audited(t);
  const file = defaultCheckpointFile(dataDir);
  const line = JSON.parse(await readFile(file, "utf8"));
  const [{ chain, number, hash, at, keyId }] = [line];
  const { privateKey } = checkpointKeyOf(await openSecrets(dataDir));
  const text = JSON.stringify(["stowage-audit-checkpoint", chain, number, hash, at]);
  const signature = sign(null, Buffer.from(text), privateKey).toString("base64url");
  await writeFile(file, JSON.stringify({ chain, number, hash, at, keyId, signature }));
  const old = await verify(dataDir);
  assert.equal(old.status, 0, old.out);
  const { sequence: _, count: __, ...rest } = line;
  await writeFile(file, JSON.stringify(rest));
  assert.match((await verify(dataDir)).out, /^The checkpoint of .* was changed/);
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
  const args = ["--export", file, "--after", "5", "--checkpoints", defaultCheckpointFile(dataDir)];
  const whole = await verify(dataDir, ...args);
  assert.equal(whole.status, 0, whole.out);
  assert.match(whole.said, /^3 events in 1 chain/);
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace(/"hash":"./, '"hash":"g'));
  assert.match((await verify(dataDir, ...args)).out, /^Event 6 was changed/);
});

test("an export that was cut off at its beginning is not taken for one that begins there", async (t) => {
  const dataDir = await audited(t);
  const [whole, late] = [join(dataDir, "whole.jsonl"), join(dataDir, "late.jsonl")];
  await capturedRun(["audit", "export", "--data", dataDir, "-o", whole]);
  await capturedRun(["audit", "export", "--data", dataDir, "--after", "5", "-o", late]);
  const checkpoints = ["--checkpoints", defaultCheckpointFile(dataDir)];
  const cut = await verify(dataDir, "--export", late, ...checkpoints);
  assert.equal(cut.status, 1);
  assert.match(cut.out, /^The export begins behind event 5, not behind 0\./);
  const other = await verify(dataDir, "--export", whole, "--after", "5", ...checkpoints);
  assert.match(other.out, /^The export begins behind event 0, not behind 5\./);
  const start = { stowageAudit: 1, after: 0, heads: [] };
  const [, ...events] = (await readFile(late, "utf8")).split("\n");
  await writeFile(late, [JSON.stringify(start), ...events].join("\n"));
  const rewritten = await verify(dataDir, "--export", late, ...checkpoints);
  assert.match(rewritten.out, /^Events 1 to 5 are missing\.$/m);
  assert.equal((await verify(dataDir, "--after", "5")).status, 2, "a database begins at its beginning");
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

const minutesAgo = (minutes: number): number => Date.now() - minutes * 60_000;

test("without a server that runs, events that nothing came after for five minutes may wait, but not with --strict", async (t) => {
  const dataDir = await temporaryFolder(t);
  await fillDataDirectory(dataDir, async () => undefined);
  await addEvents(dataDir, 1, minutesAgo(7));
  await keepChain(dataDir);
  await addEvents(dataDir, 1, minutesAgo(6));
  assert.equal((await verify(dataDir)).status, 0);
  assert.match((await verify(dataDir, "--strict")).out, /have no place in a chain/);
  await keepChain(dataDir, join(dataDir, "others.jsonl"));
  assert.equal((await verify(dataDir)).status, 0);
  assert.match((await verify(dataDir, "--strict")).out, /^No checkpoint vouches for events since/);
});

test("events that others came after for five minutes have a place and a checkpoint, or it is a fault", async (t) => {
  const dataDir = await audited(t);
  await addEvents(dataDir, 1);
  await addEvents(dataDir, 1, minutesAgo(-6));
  const unchained = await verify(dataDir);
  assert.equal(unchained.status, 1);
  assert.match(unchained.out, /^Events since .* have no place in a chain/);
  await keepChain(dataDir, join(dataDir, "others.jsonl"));
  const uncovered = await verify(dataDir);
  assert.equal(uncovered.status, 1);
  assert.match(uncovered.out, /^No checkpoint vouches for events since/);
});

test("while a server runs, events of five minutes ago have a place, unless it was not there then", async (t) => {
  const dataDir = await audited(t);
  await addEvents(dataDir, 1, minutesAgo(6));
  await writeRunning({ dataDir, api: "", web: "", bucket: "", issuer: "" });
  const lock = lockDataDirectory(dataDir);
  try {
    assert.equal((await verify(dataDir)).status, 0, "it has just been started");
    const startedAt = minutesAgo(60) / 1000;
    await utimes(join(dataDir, "running.json"), startedAt, startedAt);
    const late = await verify(dataDir);
    assert.equal(late.status, 1);
    assert.match(late.out, /^Events since .* have no place in a chain/);
  } finally {
    lock.release();
  }
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
