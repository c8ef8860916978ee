// Who deletes their account is gone: nothing lets them in, nothing in the data directory says who they were, and no object of theirs is left.
import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { addPerson } from "./harness/add-person.ts";
import { assertProblem } from "./harness/api-client.ts";
import { makeJpeg } from "./harness/images.ts";
import { runCli } from "./harness/run-cli.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { uploadToEnd } from "./harness/upload.ts";
import { waitFor } from "./harness/wait-for.ts";

let server: Server;
before(async () => {
  server = await startServer({ set: { "worker.sweepSeconds": 1 } });
});
after(() => server.stop());

function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}

/** Tables of the server's databases that have a row with a text in it. */
function tablesWith(text: string): string[] {
  const found: string[] = [];
  for (const file of ["stowage.sqlite", join("issuer", "issuer.sqlite")]) {
    const database = new DatabaseSync(join(server.dataDir, file), { readOnly: true });
    try {
      const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
      for (const { name } of tables)
        for (const row of database.prepare(`SELECT * FROM "${String(name)}"`).iterate())
          if (Object.values(row).some((value) => typeof value === "string" && value.includes(text)))
            found.push(`${file} ${String(name)}`);
    } finally {
      database.close();
    }
  }
  return found;
}

/** Of an object in the bucket, beside its bytes: more than it has. */
const objectHeaderBytes = 2048;

const objectBytes = () =>
  [...filesBelow(join(server.dataDir, "bucket"))].reduce((sum, path) => sum + statSync(path).size, 0);

test("an account is deleted with everything in it, and whoever comes again is somebody new", async () => {
  const ann = await addPerson(server, "ann");
  const name = "a-name-of-anns.jpg";
  const bytes = await makeJpeg({ width: 800, height: 600 });
  const before = objectBytes();
  const { fileId } = await uploadToEnd(ann.api, bytes, { name, contentType: "image/jpeg" });
  // Where it landed it stays until the URL has ended by which it came, whatever becomes of the file: there nothing is served.
  const landed = before + bytes.byteLength + objectHeaderBytes;
  assert.ok(objectBytes() > landed);
  assert.ok(tablesWith(name).length > 0 && tablesWith(ann.email).length > 0);
  const remove = (json?: unknown) => ann.api.send("DELETE", "/v1/me", json === undefined ? {} : { json });
  assertProblem(await remove(), 400, "validation-failed");
  assertProblem(await remove({ confirm: "yes" }), 400, "validation-failed");
  assert.equal((await ann.api.get(`/v1/files/${fileId}`)).status, 200);
  assert.equal((await remove({ confirm: "delete everything" })).status, 204);
  await waitFor("her token to be refused", async () => {
    const answer = await ann.api.get("/v1/me");
    if (answer.status === 200) return undefined;
    assertProblem(answer, 401, "account-deleted");
    return true;
  });
  assert.equal(
    (await runCli(["token", ann.email, "--data", server.dataDir])).status,
    1,
    "no account at the issuer",
  );
  await waitFor("her bytes to be gone", async () => objectBytes() <= landed || undefined);
  for (const [what, secret] of [
    ["name of what she sent", name],
    ["address", ann.email],
  ] as const)
    await waitFor(`the ${what} to be in no row`, async () => tablesWith(secret).length === 0);
  const again = await runCli(["user", "add", ann.email, "--data", server.dataDir]);
  assert.equal(again.status, 0, "her address is free");
});
