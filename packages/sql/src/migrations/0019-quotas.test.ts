import assert from "node:assert/strict";
import { test } from "node:test";
import { createSqliteMetadataStore } from "../create-sqlite-metadata-store.ts";
import { makeTestFolder } from "../database.testing.ts";
import { openSqlite } from "../sqlite-connection.ts";
import { initial } from "./0001-initial.ts";

test("people of before are of the organisations that their issuers name, which have what they have", async () => {
  const folder = makeTestFolder();
  const before = openSqlite(folder.file);
  before.exec(initial);
  before.exec("PRAGMA user_version = 1");
  before.exec(`
    INSERT INTO principals (id, issuer, subject, organisation, created_at)
      VALUES ('ann', 'https://a.example', '1', 'Acme', 1), ('bob', 'https://a.example', '2', 'Acme', 1),
        ('carol', 'https://b.example', '1', 'Acme', 1), ('dave', 'https://a.example', '3', 'Other', 1),
        ('erin', 'https://a.example', '4', NULL, 1);
    UPDATE principals SET used_bytes = 30, reserved_bytes = 5, open_uploads = 1 WHERE id IN ('ann', 'bob');
    INSERT INTO files (id, owner_id, state, name, metadata, version, revision, created_at)
      VALUES ('f1', 'ann', 'ready', 'a', '{}', 1, 1, 1), ('f2', 'ann', 'trashed', 'b', '{}', 1, 1, 1),
        ('f3', 'bob', 'ready', 'c', '{}', 1, 1, 1), ('f4', 'erin', 'ready', 'd', '{}', 1, 1, 1);`);
  before.close();

  const store = await createSqliteMetadataStore({ file: folder.file });
  const organisationOf = async (id: string) => (await store.findPrincipal(id))?.organisationId;
  const acme = await organisationOf("ann");
  assert.ok(acme);
  assert.equal(await organisationOf("bob"), acme);
  const ids = [acme, await organisationOf("carol"), await organisationOf("dave")];
  assert.ok(ids.every((id) => id !== undefined));
  assert.equal(new Set(ids).size, 3);
  assert.equal(await organisationOf("erin"), undefined);
  const next = { issuer: "https://a.example", subject: "5", organisation: "Acme", newId: "fred" };
  assert.equal((await store.ensurePrincipal(next)).organisationId, acme);
  const usedFiles = async (id: string) => (await store.findPrincipal(id))?.usedFiles;
  assert.deepEqual(await Promise.all(["ann", "bob", "carol", "erin"].map(usedFiles)), [2, 1, 0, 1]);
  assert.deepEqual(await store.findOrganisation(acme), {
    id: acme,
    issuer: "https://a.example",
    name: "Acme",
    usedBytes: 60,
    reservedBytes: 10,
    usedFiles: 3,
    openUploads: 2,
  });
  await store.close();
  folder.remove();
});
