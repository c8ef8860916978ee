import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { addPerson, makeToken } from "./harness/add-person.ts";
import { assertProblem, createApi } from "./harness/api-client.ts";
import { deleteFile, getMe, listAll } from "./harness/files.ts";
import { makePng } from "./harness/images.ts";
import { canSeeProcesses, killEach } from "./harness/processes.ts";
import { type CliResult, jsonLines, makeFolder, removeFolder, runCli } from "./harness/run-cli.ts";
import { startServer } from "./harness/start-server.ts";
import { uploadToEnd } from "./harness/upload.ts";
import { waitFor } from "./harness/wait-for.ts";
import type { Page } from "./harness/wire.ts";

/** Of a server that was used and stopped. */
let dataDir: string;
/** On another disk, as far as a test has one. */
let elsewhere: string;
let checkpoints: string;

interface AuditEvent {
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly targetId: string;
}

interface ChainHead {
  readonly chain: string;
  readonly number: number;
  readonly hash: string;
}

interface Summary {
  readonly kind: "summary";
  readonly events: number;
  readonly unchained: number;
  readonly checkpoints: number;
  readonly faults: number;
}

before(async () => {
  [dataDir, elsewhere] = [await makeFolder("audited"), await makeFolder("checkpoints")];
  checkpoints = join(elsewhere, "checkpoints.jsonl");
  const server = await startServer({ dataDir, set: { "audit.checkpoints": checkpoints } });
  try {
    const person = await addPerson(server);
    const uploads = [
      await uploadToEnd(person.api, await makePng()),
      await uploadToEnd(person.api, await makePng()),
    ];
    for (const { fileId } of uploads) await deleteFile(person.api, fileId);
  } finally {
    assert.ok(await server.stop(), server.log());
  }
});
after(async () => {
  await removeFolder(dataDir);
  await removeFolder(elsewhere);
});

const verify = (folder: string, ...args: string[]): Promise<CliResult> =>
  runCli(["audit", "verify", "--data", folder, ...args]);

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const summaryOf = ({ stdout }: CliResult): Summary => jsonLines<Summary>(stdout).at(-1) ?? assert.fail();

test("the audit of a server that was used and stopped is what was written, all of it vouched for", async () => {
  const result = await verify(dataDir, "--json", "--strict");
  assert.equal(result.status, 0, result.stdout);
  const { events, unchained, checkpoints: count } = summaryOf(result);
  assert.ok(events >= 10, `${events} events`);
  assert.equal(unchained, 0, "what happened last was linked at the stop");
  assert.ok(count >= 1);
});

for (const [what, sql, named] of [
  [
    "an event that was edited",
    "UPDATE audit_events SET actor = 'somebody' WHERE sequence = 1",
    /^Event 1 was changed/m,
  ],
  [
    "an event that was hidden from lists",
    `UPDATE audit_events SET sealed_by = 'album' WHERE sequence = 2;
     INSERT INTO unrevealed_albums (album_id) VALUES ('album')`,
    /^Event 2 was changed/m,
  ],
  [
    "an event whose chain was taken from it",
    "UPDATE audit_events SET chain = NULL WHERE sequence = 2",
    /^Event 2 is in no chain/m,
  ],
  ["an event that was deleted", "DELETE FROM audit_events WHERE sequence = 3", /^Event 3 is missing\.$/m],
  [
    "two events that changed places",
    `UPDATE audit_events SET sequence = -1 WHERE sequence = 3;
     UPDATE audit_events SET sequence = 3 WHERE sequence = 4;
     UPDATE audit_events SET sequence = 4 WHERE sequence = -1`,
    /^Event 3 is number 4 /m,
  ],
  [
    "an end that was cut off without a trace in the database",
    `DELETE FROM audit_events WHERE sequence > 4;
     UPDATE sqlite_sequence SET seq = 4 WHERE name = 'audit_events';
     UPDATE audit_chains SET number = 4, hash = (SELECT hash FROM audit_events WHERE sequence = 4);
     UPDATE audit_sequencer SET linked_sequence = 4`,
    /^Events were cut off: .* number 4, and had number \d+ at /m,
  ],
  [
    "an event that was taken out, the later ones numbered anew",
    `DELETE FROM audit_events WHERE sequence = 3;
     UPDATE audit_events SET sequence = sequence - 1, number = number - 1 WHERE sequence > 3;
     UPDATE sqlite_sequence SET seq = seq - 1 WHERE name = 'audit_events';
     UPDATE audit_chains SET number = number - 1;
     UPDATE audit_sequencer SET linked_sequence = linked_sequence - 1`,
    /^Event 3 was changed/m,
  ],
  [
    "an event that was put in",
    `INSERT INTO audit_events (at, actor, action, target_id, chain, number, hash)
     SELECT at, 'somebody', action, target_id, chain, number + 1, hash FROM audit_events ORDER BY sequence DESC LIMIT 1`,
    /^Event \d+ was changed/m,
  ],
  [
    "a position of the sequencer that was moved ahead",
    "UPDATE audit_sequencer SET linked_sequence = linked_sequence + 1000",
    /^Events have places up to \d+, and the database has \d+ written down/m,
  ],
  [
    "a trigger",
    `CREATE TRIGGER quiet AFTER INSERT ON audit_events WHEN NEW.action = 'file.purged' BEGIN
       DELETE FROM audit_events WHERE sequence = NEW.sequence; END`,
    /^The database has a trigger quiet on audit_events that Stowage did not make/m,
  ],
  [
    "a column that drops somebody's events",
    `PRAGMA writable_schema = ON;
     UPDATE sqlite_schema SET sql = replace(replace(sql, ' AUTOINCREMENT', ''), 'sealed_by TEXT', 'sealed_by TEXT,
       z INTEGER GENERATED ALWAYS AS (iif(actor = ''eve'', NULL, 1)) VIRTUAL NOT NULL ON CONFLICT IGNORE')
     WHERE name = 'audit_events';
     PRAGMA writable_schema = RESET`,
    /^The database has a table audit_events on audit_events that Stowage did not make/m,
  ],
  [
    "an index that refuses what it should not",
    "CREATE UNIQUE INDEX once ON audit_events (sequence, at)",
    /^The database has an index once on audit_events that Stowage did not make/m,
  ],
  [
    "an index that finds less than there is",
    `DROP INDEX audit_events_unchained;
     CREATE INDEX audit_events_unchained ON audit_events (sequence) WHERE number IS NULL AND actor <> 'eve'`,
    /^The database has an index audit_events_unchained on audit_events that Stowage did not make/m,
  ],
  [
    "an index that was taken away",
    "DROP INDEX audit_events_by_actor",
    /^The database has no index audit_events_by_actor on audit_events any more/m,
  ],
  [
    "a chain that was begun anew",
    `UPDATE audit_events SET chain = NULL, number = NULL, hash = NULL; DELETE FROM audit_chains;
     UPDATE audit_sequencer SET linked_sequence = 0`,
    /^Events were cut off: .* number 0, and had number \d+ at /m,
  ],
] as const)
  test(`${what} is found and named`, async () => {
    const folder = await makeFolder("tampered");
    try {
      await cp(dataDir, folder, { recursive: true });
      // Whoever has the file opens it as they like: node:sqlite's own guard of the schema is theirs to turn off.
      const database = new DatabaseSync(join(folder, "stowage.sqlite"), { defensive: false });
      database.exec(sql);
      database.close();
      // The place of the checkpoints is told by what the server was started with.
      const result = await verify(folder);
      assert.equal(result.status, 1, result.stdout);
      assert.match(result.stdout, named);
    } finally {
      await removeFolder(folder);
    }
  });

test("checkpoints that are gone are missed, once the log goes on for more than five minutes", async () => {
  const folder = await makeFolder("unvouched");
  try {
    await cp(dataDir, folder, { recursive: true });
    const nowhere = join(folder, "none.jsonl");
    await writeFile(nowhere, "");
    const young = await verify(folder, "--checkpoints", nowhere);
    assert.match(young.stderr, /nobody vouches for it/);
    const database = new DatabaseSync(join(folder, "stowage.sqlite"));
    database.exec(
      "INSERT INTO audit_events (at, actor, action, target_id) SELECT max(at) + 400000, 'a', 'b', 'c' FROM audit_events",
    );
    database.close();
    const result = await verify(folder, "--checkpoints", nowhere);
    assert.equal(result.status, 1);
    assert.match(result.stdout, /^No checkpoint vouches for anything/);
  } finally {
    await removeFolder(folder);
  }
});

test("events that a position moved ahead would have left out are chained all the same", async () => {
  const folder = await makeFolder("moved");
  try {
    for (const name of ["ann", "bob"]) {
      const server = await startServer({ dataDir: folder });
      try {
        const person = await addPerson(server, name);
        await uploadToEnd(person.api, await makePng());
      } finally {
        assert.ok(await server.stop(), server.log());
      }
      if (name === "bob") break;
      const database = new DatabaseSync(join(folder, "stowage.sqlite"));
      database.exec("UPDATE audit_sequencer SET linked_sequence = 100000");
      database.close();
    }
    const result = await verify(folder, "--json", "--strict");
    assert.equal(result.status, 0, result.stdout);
    assert.equal(summaryOf(result).unchained, 0);
  } finally {
    await removeFolder(folder);
  }
});

test("an owner reads what was done to a file of theirs, an operator what everybody did, nobody else either", async () => {
  const server = await startServer({ dataDir, set: { "audit.checkpoints": checkpoints } });
  try {
    const [ann, bob] = [await addPerson(server, "ann"), await addPerson(server, "bob")];
    const operatorEmail = "operator@example.test";
    const added = await runCli(["user", "add", operatorEmail, "--operator", "--data", dataDir]);
    assert.equal(added.status, 0, added.stderr);
    const refused = await runCli(["token", ann.email, "--scope", "audit:read", "--data", dataDir]);
    assert.equal(refused.status, 1, "audit:read is for operators");
    const operator = createApi(server.api, await makeToken(server, operatorEmail, { scope: "audit:read" }));
    const { fileId } = await uploadToEnd(ann.api, await makePng());
    await deleteFile(ann.api, fileId);
    const path = `/v1/audit?fileId=${fileId}`;
    const [event] = await waitFor("the event to be linked", async () => {
      const { body } = await ann.api.get<Page<AuditEvent>>(path);
      return body.items.length > 0 && body.items;
    });
    const { id } = await getMe(ann.api);
    assert.deepEqual(
      { ...event, id: "", at: "" },
      {
        id: "",
        at: "",
        actor: id,
        action: "file.trashed",
        targetId: fileId,
      },
    );
    assertProblem(await bob.api.get(path), 404, "not-found");
    assertProblem(await bob.api.get("/v1/audit"), 403, "insufficient-scope");
    const byAnn = await listAll<AuditEvent>(operator, `/v1/audit?actorId=${id}`, 2);
    assert.deepEqual(
      byAnn.map(({ action }) => action),
      ["file.trashed", "upload.completed", "upload.created"],
    );
    const { body } = await operator.get<Page<AuditEvent>>("/v1/audit?limit=200");
    const ids = body.items.map(({ id: each }) => each);
    assert.ok(byAnn.every(({ id: each }) => ids.includes(each)));
    assert.equal(new Set(ids).size, ids.length);
    const times = body.items.map(({ at }) => at);
    assert.deepEqual(times, times.toSorted().reverse());
  } finally {
    assert.ok(await server.stop(), server.log());
  }
});

test("what is denied is counted alike, whether it exists or not, and is in the log once the server has stopped", async () => {
  const folder = await makeFolder("denials");
  try {
    const server = await startServer({ dataDir: folder });
    const [ann, bob] = [await addPerson(server, "ann"), await addPerson(server, "bob")];
    const { fileId } = await uploadToEnd(ann.api, await makePng());
    for (const id of [fileId, fileId, "none"])
      assertProblem(await bob.api.get(`/v1/files/${id}`), 404, "not-found");
    assertProblem(await createApi(server.api).get(`/v1/files/${fileId}`), 401, "unauthenticated");
    const { id: bobId } = await getMe(bob.api);
    assert.ok(await server.stop(), server.log());
    const { stdout } = await runCli(["audit", "export", "--data", folder]);
    const [, ...lines] = stdout.trimEnd().split("\n");
    const denied = lines
      .map((line) => JSON.parse(line) as AuditEvent & { readonly detail?: string })
      .filter(({ action }) => action === "access.denied");
    const route = "GET /v1/files/:id";
    assert.deepEqual(
      denied.map(({ actor, targetId, detail }) => [actor, targetId, detail]),
      [
        [bobId, route, '{"count":3,"kind":"not-found"}'],
        ["anonymous", route, '{"count":1,"kind":"unauthenticated"}'],
      ],
    );
    assert.equal((await verify(folder)).status, 0);
  } finally {
    await removeFolder(folder);
  }
});

test("an export is verified with checkpoints and a key alone, and what was cut off of it is found", async () => {
  const file = join(elsewhere, "audit.jsonl");
  const exported = await runCli(["audit", "export", "--data", dataDir, "-o", file]);
  assert.equal(exported.status, 0, exported.stderr);
  const key = join(elsewhere, "key.pem");
  await writeFile(key, (await runCli(["audit", "public-key", "--data", dataDir])).stdout);
  const check = () =>
    verify("/nonexistent", "--export", file, "--checkpoints", checkpoints, "--public-key", key);
  const whole = await check();
  assert.equal(whole.status, 0, whole.stdout + whole.stderr);
  const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
  // Denials that the API writes at its stop may have come after the worker's last checkpoint.
  await writeFile(file, lines.slice(0, 6).join("\n"));
  const cut = await check();
  assert.equal(cut.status, 1);
  assert.match(cut.stdout, /^Events were cut off/);
  await writeFile(file, lines.toSpliced(2, 1).join("\n"));
  // Where the worker has made a checkpoint of just the first events, that is told as well, and first.
  assert.match(
    (await check()).stdout,
    /^(Up to event \d+ there are 1 events .*: events were taken out, put in or numbered anew\.\n)*Event 2 is missing/,
  );
});

test("an export that was invented, or emptied, is refused, whatever its first line says", async () => {
  const file = join(elsewhere, "forged.jsonl");
  const key = join(elsewhere, "forged-key.pem");
  await writeFile(key, (await runCli(["audit", "public-key", "--data", dataDir])).stdout);
  const written = (await readFile(checkpoints, "utf8")).trimEnd().split("\n");
  const heads = new Map<string, ChainHead>();
  for (const line of written) {
    const { chain, number, hash } = JSON.parse(line) as ChainHead;
    heads.set(chain, { chain, number, hash });
  }
  const [last = assert.fail()] = heads.values();
  const invented = Array.from({ length: 3 }, (_, index) => index + 1).reduce<{
    hash: string;
    lines: string[];
  }>(
    ({ hash, lines }, sequence) => {
      const [at, number] = [1_700_000_000_000 + sequence, last.number + sequence];
      const said = ["mallory", "file.purged", "whatever"] as const;
      const [actor, action, targetId] = said;
      const next = sha256(JSON.stringify([hash, last.chain, number, sequence, at, ...said, null]));
      const event = {
        sequence,
        actor,
        action,
        targetId,
        at: new Date(at),
        chain: last.chain,
        number,
        hash: next,
      };
      return { hash: next, lines: [...lines, JSON.stringify(event)] };
    },
    { hash: last.hash, lines: [] },
  );
  for (const [after, events, named] of [
    [0, [], /its first line was changed\.$/m],
    [0, invented.lines, /its first line was changed\.$/m],
    [4, [], /its first line was changed\.$/m],
  ] as const) {
    const first = JSON.stringify({ stowageAudit: 1, after, heads: [...heads.values()] });
    await writeFile(file, [first, ...events, ""].join("\n"));
    const args = ["--checkpoints", checkpoints, "--public-key", key, "--after", String(after)];
    const result = await verify("/nonexistent", "--export", file, ...args);
    assert.equal(result.status, 1, result.stdout);
    assert.match(result.stdout, named);
  }
});

test("a worker that is killed while it links leaves a chain that goes on and verifies", {
  skip: !canSeeProcesses,
}, async () => {
  const server = await startServer();
  try {
    const person = await addPerson(server);
    for (let round = 0; round < 4; round += 1) {
      const worker = await waitFor("a worker", () => server.process("worker"));
      await Promise.all(
        Array.from({ length: 100 }, () =>
          // A hundred events a request: more than one batch waits when the worker dies.
          person.api.post("/v1/uploads", {
            files: Array.from({ length: 25 }, (_, index) => ({
              name: `${index}.png`,
              sizeBytes: 10 + index,
              contentType: "image/png",
              sha256: "ab".repeat(32),
            })),
          }),
        ),
      );
      await killEach([worker]);
      const result = await verify(server.dataDir, "--json");
      assert.equal(result.status, 0, result.stdout);
      await waitFor("another worker", () => {
        const now = server.process("worker");
        return now !== undefined && now !== worker && now;
      });
    }
    await waitFor(
      "everything to be linked",
      async () => summaryOf(await verify(server.dataDir, "--json")).unchained === 0,
      { everyMs: 1_000 },
    );
  } finally {
    assert.ok(await server.stop(), server.log());
  }
});
