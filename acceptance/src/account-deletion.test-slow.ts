// Who deletes their account is gone: nothing lets them in, nothing in the data directory says who they were, and no object of theirs is left.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { addPerson } from "./harness/add-person.ts";
import { assertProblem, createApi } from "./harness/api-client.ts";
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

/** Every value of the server's own database, bytes in hex. */
function dumpOf(dataDir: string): string {
  const database = new DatabaseSync(join(dataDir, "stowage.sqlite"), { readOnly: true });
  try {
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    const values = tables.flatMap(({ name }) =>
      database
        .prepare(`SELECT * FROM "${String(name)}"`)
        .all()
        .flatMap(Object.values),
    );
    return values
      .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString("hex") : String(value)))
      .join("\n");
  } finally {
    database.close();
  }
}

/** Of an object in the bucket, beside its bytes: more than it has. */
const objectHeaderBytes = 2048;

const objectBytes = () =>
  [...filesBelow(join(server.dataDir, "bucket"))].reduce((sum, path) => sum + statSync(path).size, 0);

test("an account is deleted with everything in it, and whoever comes again is somebody new", async () => {
  const ann = await addPerson(server, "ann");
  const { subject } = (await ann.api.get<{ subject: string }>("/v1/me")).body;
  const requestKey = "a-key-of-a-request-of-anns";
  const bob = await addPerson(server, "bob");
  const name = "a-name-of-anns.jpg";
  const bytes = await makeJpeg({ width: 800, height: 600 });
  const bobs = await uploadToEnd(bob.api, await makeJpeg({ width: 60, height: 60 }), {
    name: "bobs.jpg",
    contentType: "image/jpeg",
  });
  const before = objectBytes();
  const { fileId } = await uploadToEnd(ann.api, bytes, { name, contentType: "image/jpeg" });
  // Where it landed it stays until the URL has ended by which it came, whatever becomes of the file: there nothing is served.
  const landed = before + bytes.byteLength + objectHeaderBytes;
  assert.ok(objectBytes() > landed);
  assert.ok(tablesWith(name).length > 0 && tablesWith(ann.email).length > 0);
  // What others' rows say of her: a name in an album, an invite by her address, a grant; and the key of a request.
  const album = await bob.api.post<{ id: string }>("/v1/albums", { name: "Bob's" });
  assert.equal(album.status, 201, album.text);
  const invited = await bob.api.post<{ token: string }>(`/v1/albums/${album.body.id}/invites`, {
    role: "contributor",
  });
  assert.equal(invited.status, 201, invited.text);
  const nameInAlbum = "Ann as she is called in an album";
  const joined = await ann.api.post("/v1/invites/accept", { token: invited.body.token, name: nameInAlbum });
  assert.equal(joined.status, 200, joined.text);
  const share = await bob.api.post(`/v1/files/${bobs.fileId}/invites`, { email: ann.email });
  assert.ok(share.status < 300, share.text);
  const { id: annId } = (await ann.api.get<{ id: string }>("/v1/me")).body;
  const granted = await bob.api.send("PUT", `/v1/files/${bobs.fileId}/grants/${annId}`, { json: {} });
  assert.ok(granted.status < 300, granted.text);
  const asGuest = await createApi(server.api).post<{ token: string }>("/v1/invites/accept", {
    token: invited.body.token,
    name: "Nan",
  });
  const taken = await ann.api.post("/v1/invites/accept", { guestToken: asGuest.body.token });
  assert.equal(taken.status, 200, taken.text);
  assert.ok(tablesWith(annId).includes("stowage.sqlite merged_guests"));
  const link = await ann.api.send("POST", `/v1/files/${fileId}/links`, {
    json: {},
    headers: { "idempotency-key": requestKey },
  });
  assert.equal(link.status, 201, link.text);
  for (const secret of [nameInAlbum, subject, requestKey]) assert.ok(tablesWith(secret).length > 0, secret);
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
    ["name in an album", nameInAlbum],
    ["key of a request", requestKey],
  ] as const)
    await waitFor(`the ${what} to be in no row`, async () => tablesWith(secret).length === 0);
  assert.ok(!tablesWith(annId).includes("stowage.sqlite merged_guests"), "what she sent as a guest");
  // The issuer's log of tokens that operators made keeps it: an opaque id, of nobody any more.
  await waitFor(
    "her name at the issuer to be in no row of ours",
    async () => !dumpOf(server.dataDir).includes(subject),
  );
  await waitFor("others' grants to her to be gone", async () => {
    const grants = await bob.api.get<{ items: unknown[] }>(`/v1/files/${bobs.fileId}/grants`);
    return grants.body.items.length === 0;
  });
  const plain = createHash("sha256")
    .update(JSON.stringify([`${server.web}/oidc`, subject]))
    .digest("hex");
  assert.ok(
    !dumpOf(server.dataDir).includes(plain),
    "nor a digest that whoever has the database can try names by",
  );
  const again = await runCli(["user", "add", ann.email, "--data", server.dataDir]);
  assert.equal(again.status, 0, "her address is free");
});
