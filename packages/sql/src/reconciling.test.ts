import assert from "node:assert/strict";
import { test } from "node:test";
import type { FileList } from "@stowage/core";
import { createOf, makeTestFolder, newItem, newOwner, recordedStore } from "./database.testing.ts";

/** What may be wrong of a file's lists: each of these is found, and set right once. */
const faults = [
  "UPDATE files SET type = 'video'",
  "UPDATE files SET shown_at = shown_at + 1",
  "UPDATE files SET name_key = 'b'",
  "UPDATE files SET terms = '[]'",
  "UPDATE files SET pairs = '[]'",
  "UPDATE files SET terms = json_insert(terms, '$[#]', '00other'), pairs = json_insert(pairs, '$[#]', 'other')",
  "UPDATE files SET key = 'other'",
  "UPDATE files SET page_count = NULL",
  "UPDATE files SET derivatives = '[1]'",
  "DELETE FROM file_terms WHERE term LIKE '__sea%'",
  "DELETE FROM file_pairs",
  "UPDATE file_pairs SET created_at = 1; UPDATE files SET created_at = 1",
  "UPDATE versions SET content_type = 'application/pdf', page_count = 7",
];

test("a file that is listed or shown otherwise than its row and version say is found, and set right", async () => {
  const folder = makeTestFolder();
  const { store, connection } = recordedStore(folder.file);
  try {
    const ownerId = await newOwner(store);
    const item = newItem({ name: "At the sea.jpg", metadata: { album: "7" } });
    await store.createUploads(createOf(ownerId, [item]));
    await store.completeUpload({ uploadId: item.id, actor: "system" });
    await store.claimUpload({ leaseMs: 1000 });
    const facts = {
      key: "files/a/1/original",
      sizeBytes: 10,
      sha256: "ab".repeat(32),
      contentType: "image/jpeg",
      pageCount: 2,
      derivatives: [],
    };
    const result = { kind: "ready", detail: "", facts } as const;
    await store.finishUpload({ uploadId: item.id, attempt: 1, result, dooms: [] });
    const { fileId } = item;
    const isRight = async () => (await store.listIndexedFiles({ limit: 10 })).map((file) => file.isRight);
    for (const fault of faults) {
      assert.deepEqual(await isRight(), [true], `before ${fault}`);
      assert.deepEqual(await store.reindexFile(fileId), { outcome: "unchanged" });
      connection.exec(fault);
      assert.deepEqual(
        await store.listIndexedFiles({ limit: 10 }),
        [{ fileId, ownerId, isRight: false }],
        fault,
      );
      assert.deepEqual(await store.reindexFile(fileId), { outcome: "reindexed" });
    }
    assert.deepEqual(await isRight(), [true]);
    const found = async (list: FileList) => (await store.listFiles({ ownerId, list, limit: 10 })).length;
    assert.equal(await found({ by: "search", text: "sea" }), 1);
    assert.equal(await found({ by: "metadata", name: "album", value: "7" }), 1);
    assert.equal(await found({ by: "created", type: "document" }), 1);
    const counts = connection.all<{ terms: number; pairs: number }>(
      "SELECT (SELECT count(*) FROM file_terms) AS terms, (SELECT count(*) FROM file_pairs) AS pairs",
    );
    assert.deepEqual(
      counts.map((each) => ({ ...each })),
      [{ terms: 4, pairs: 1 }],
    );
    const events = await store.listAuditEvents({ afterSequence: 0, limit: 100 });
    const mended = events.filter(({ action }) => action === "file.reindexed");
    assert.equal(mended.length, faults.length);
    assert.deepEqual(await store.reindexFile("nobody's"), { outcome: "missing" });
  } finally {
    await store.close();
    folder.remove();
  }
});

test("counters that are wrong are seen, and set to what the rows add up to, once", async () => {
  const folder = makeTestFolder();
  const { store, connection } = recordedStore(folder.file);
  try {
    const ownerId = await newOwner(store);
    await store.createUploads(createOf(ownerId, [newItem({ sizeBytes: 70 }), newItem({ sizeBytes: 7 })]));
    connection.run(
      "UPDATE principals SET used_bytes = 5, reserved_bytes = 6, used_files = 4, open_uploads = 1",
    );
    const before = { usedBytes: 5, reservedBytes: 6, usedFiles: 4, openUploads: 1 };
    const after = { usedBytes: 0, reservedBytes: 77, usedFiles: 0, openUploads: 2 };
    assert.deepEqual(await store.listCounters({ limit: 10 }), [
      { principalId: ownerId, recorded: before, counted: after },
    ]);
    assert.deepEqual(await store.recountPrincipal(ownerId), { outcome: "recounted", before, after });
    assert.deepEqual(await store.recountPrincipal(ownerId), { outcome: "unchanged" });
    assert.deepEqual(await store.listCounters({ limit: 10 }), [
      { principalId: ownerId, recorded: after, counted: after },
    ]);
    const events = await store.listAuditEvents({ afterSequence: 0, limit: 100 });
    assert.deepEqual(
      events
        .filter(({ action }) => action === "principal.recounted")
        .map(({ actor, targetId }) => [actor, targetId]),
      [["system", ownerId]],
    );
  } finally {
    await store.close();
    folder.remove();
  }
});

test("an organisation's counters that are wrong are seen, keep nobody from anything, and are set right once", async () => {
  const folder = makeTestFolder();
  const { store, connection } = recordedStore(folder.file);
  try {
    const identity = { issuer: "https://issuer.example", subject: "ann", organisation: "Acme", newId: "ann" };
    const { organisationId = "" } = await store.ensurePrincipal(identity);
    const item = newItem({ sizeBytes: 70 });
    await store.createUploads(createOf("ann", [item, newItem({ sizeBytes: 7 })]));
    connection.run(
      "UPDATE organisations SET used_bytes = 5, reserved_bytes = 6, used_files = 4, open_uploads = 0",
    );
    const recorded = { usedBytes: 5, reservedBytes: 6, usedFiles: 4, openUploads: 0 };
    const counted = { usedBytes: 0, reservedBytes: 77, usedFiles: 0, openUploads: 2 };
    assert.deepEqual(await store.listOrganisationCounters({ limit: 10 }), [
      { organisationId, recorded, counted },
    ]);
    const aborted = await store.abortUpload({ uploadId: item.id, actor: "system", detail: "" });
    assert.equal(aborted.outcome, "aborted");
    const before = { ...recorded, openUploads: -1 };
    const after = { ...counted, openUploads: 1 };
    assert.deepEqual(await store.recountOrganisation(organisationId), {
      outcome: "recounted",
      before,
      after,
    });
    assert.deepEqual(await store.recountOrganisation(organisationId), { outcome: "unchanged" });
    const events = await store.listAuditEvents({ afterSequence: 0, limit: 100 });
    const recounts = events.filter(({ action }) => action === "organisation.recounted");
    assert.deepEqual(
      recounts.map(({ actor, targetId }) => [actor, targetId]),
      [["system", organisationId]],
    );
  } finally {
    await store.close();
    folder.remove();
  }
});
