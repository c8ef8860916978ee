import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { makeAuditLinks } from "@stowage/core";
import { createSqliteMetadataStore } from "../create-sqlite-metadata-store.ts";
import { makeTestFolder } from "../database.testing.ts";
import { openSqlite } from "../sqlite-connection.ts";
import { initial } from "./0001-initial.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

test("audit events of before wait for their links, the first of them first", async () => {
  const folder = makeTestFolder();
  const before = openSqlite(folder.file);
  before.exec(initial);
  before.exec("PRAGMA user_version = 1");
  before.exec(`INSERT INTO audit_events (at, actor, action, target_id)
    VALUES (1, 'ann', 'upload.created', 'one'), (2, 'system', 'upload.claimed', 'one');`);
  before.close();

  const store = await createSqliteMetadataStore({ file: folder.file });
  assert.equal(await store.countUnchainedAuditEvents(10), 2);
  const taken = await store.takeUnchainedAuditEvents({ sequencerId: "a", leaseMs: 1000, limit: 10 });
  assert.ok(taken.outcome === "taken");
  const links = makeAuditLinks(sha256, taken.heads, taken.events);
  assert.equal(await store.linkAuditEvents({ ...taken, sequencerId: "a", links }), "linked");
  const events = await store.listAuditEvents({ afterSequence: 0, limit: 10 });
  assert.deepEqual(
    events.map(({ sequence, atMs, link }) => [sequence, atMs, link?.number]),
    [
      [1, 1, 1],
      [2, 2, 2],
    ],
  );
  await store.close();
  folder.remove();
});
