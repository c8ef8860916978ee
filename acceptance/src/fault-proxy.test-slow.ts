import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { faultKinds, randomFaults } from "@stowage/fault-proxy";
import { addPerson, type Person } from "./harness/add-person.ts";
import { createApi } from "./harness/api-client.ts";
import { assertSaid } from "./harness/assert-said.ts";
import { makePdf } from "./harness/documents.ts";
import { listAll } from "./harness/files.ts";
import { makeFolder, removeFolder, runCli } from "./harness/run-cli.ts";
import { type FaultyServer, startFaultyServer } from "./harness/start-faulty-server.ts";
import { sha256Of } from "./harness/transfer.ts";
import type { StoredFile } from "./harness/wire.ts";

// A stall holds a sender as long as its idle timeout: suites that are about that have it.
const kinds = faultKinds.filter((kind) => kind !== "stall");
const fileCount = 60;

let faulty: FaultyServer;
let person: Person;
let folder: string;
before(async () => {
  faulty = await startFaultyServer({ decide: randomFaults({ rate: 0.2, seed: 8, kinds }) });
  person = await addPerson(faulty.server);
  folder = await makeFolder("files");
});
after(async () => {
  await faulty.stop();
  await removeFolder(folder);
});

test("a put over a network that fails at every fifth request brings each file once, as it is", async () => {
  const sent = new Map<string, string>();
  for (let index = 0; index < fileCount; index += 1) {
    const filler = `% ${randomBytes(500 + index * 1000).toString("hex")}\n`;
    const content = Buffer.concat([makePdf(1), Buffer.from(filler)]);
    const name = `document-${index}.pdf`;
    await writeFile(join(folder, name), content);
    sent.set(name, sha256Of(content));
  }
  const result = await runCli(["put", "-r", folder], {
    env: { STOWAGE_SERVER: faulty.server.api, STOWAGE_TOKEN: person.token },
    timeoutMs: 300_000,
  });
  assertSaid(result, 0);

  const files = await listAll<StoredFile>(createApi(faulty.direct.api, person.token), "/v1/files");
  const arrived = files.map(({ name, sha256 }): [string, string] => [name, sha256]);
  assert.equal(arrived.length, sent.size);
  assert.deepEqual(new Map(arrived), sent);
  assert.ok(faulty.bucket.stats.faults.size > 3);
  assert.ok(faulty.api.stats.faults.size > 0);
  assert.equal(faulty.api.stats.targetFailures + faulty.bucket.stats.targetFailures, 0);
});
