import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { FileList } from "@stowage/core";
import {
  createOf,
  makeTestFolder,
  newItem,
  newOwner,
  type RecordedStore,
  recordedStore,
  type TestFolder,
} from "./database.testing.ts";
import { runAlbumMethods } from "./run-album-methods.testing.ts";

let folder: TestFolder;
let recorded: RecordedStore;
let ownerId: string;

beforeEach(async () => {
  folder = makeTestFolder();
  recorded = recordedStore(folder.file);
  ownerId = await newOwner(recorded.store);
  recorded.statements.length = 0;
});

afterEach(async () => {
  await recorded.store.close();
  folder.remove();
});

/** What was written down since it was last asked. */
const taken = (): string[] => recorded.statements.splice(0);

test("a create is one update and three inserts in a transaction, with a ref one query and one insert more", async () => {
  await recorded.store.createUploads(createOf(ownerId, [newItem()]));
  assert.equal(taken().length, 2 + 4);
  await recorded.store.createUploads(createOf(ownerId, [newItem({ ref: "a" })]));
  assert.equal(taken().length, 2 + 6);
  const items = Array.from({ length: 100 }, () => newItem());
  await recorded.store.createUploads(createOf(ownerId, items));
  assert.equal(taken().length, 2 + 400);
});

test("a create of somebody who is of an organisation, or within bounds of files, is as many", async () => {
  const identity = { issuer: "https://issuer.example", subject: "bob", organisation: "Acme", newId: "bob" };
  await recorded.store.ensurePrincipal(identity);
  taken();
  await recorded.store.createUploads(createOf("bob", [newItem()]));
  assert.equal(taken().length, 2 + 4);
  const bounds = { quotaFiles: 9, organisationQuotaBytes: 9000, organisationQuotaFiles: 9 };
  await recorded.store.createUploads(createOf("bob", [newItem()], bounds));
  assert.equal(taken().length, 2 + 4);
});

test("a create by a token that somebody minted is one statement more, and no other is", async () => {
  const minted = await recorded.store.mintDelegation({
    ...{ id: "token", personId: ownerId, byTokenOfMs: 1e15, scopes: ["uploads:write"], bounds: {} },
    ...{ lifetimeMs: 1e6, maxPerPerson: 1 },
  });
  assert.equal(minted.outcome, "minted");
  taken();
  await recorded.store.createUploads(createOf(ownerId, [newItem()], { delegationId: "token" }));
  assert.equal(taken().length, 2 + 5);
  await recorded.store.createUploads(createOf(ownerId, [newItem()]));
  assert.equal(taken().length, 2 + 4);
});

test("what is done again with other values is not prepared again", async () => {
  const { store } = recorded;
  const run = async (round: number): Promise<Set<string>> => {
    const items = [newItem({ ref: `r${round}` }), newItem(), newItem({ multipart: { partSizeBytes: 400 } })];
    const create = createOf(await newOwner(store, `person${round}`), items, {
      quotaBytes: 1e6 * (1 + round),
    });
    await store.createUploads(create);
    await store.createUploads({ ...create, urlLifetimeMs: 700_000, items: items.slice(0, 1) });
    for (const { id } of items) {
      await store.completeUpload({ uploadId: id, actor: { principalId: create.ownerId } });
      await store.findUpload(id);
    }
    await store.findUploads(items.slice(round).map(({ id }) => id));
    const page = {
      ownerId: create.ownerId,
      limit: 50 + round,
      after: { createdAtMs: round, id: `${round}` },
    };
    await store.listUploads(page);
    await store.listUploads({ ...page, state: "uploaded" });
    return new Set(taken());
  };
  const first = await run(0);
  for (const round of [1, 2]) for (const sql of await run(round)) assert.ok(first.has(sql), sql);
});

test("a known person costs one query and no transaction", async () => {
  await newOwner(recorded.store);
  const statements = taken();
  assert.equal(statements.length, 1);
  assert.match(statements[0] ?? "", /^SELECT/);
});

test("a refused create costs two queries, and what it answers is no transaction's", async () => {
  const [outcome] = await recorded.store.createUploads(createOf(ownerId, [newItem()], { quotaBytes: 1 }));
  assert.equal(outcome?.outcome, "quota-exceeded");
  assert.equal(taken().length, 2 + 2);
});

test("the whole life of an upload takes as many statements as it did", async () => {
  const { store } = recorded;
  const item = newItem();
  await store.createUploads(createOf(ownerId, [item]));
  taken();
  const counts: Record<string, number> = {};
  await store.completeUpload({ uploadId: item.id, actor: "system" });
  counts.complete = taken().length;
  const claimed = await store.claimUpload({ leaseMs: 1000 });
  counts.claim = taken().length;
  await store.finishUpload({
    uploadId: item.id,
    attempt: claimed?.attempt ?? 0,
    result: { kind: "ready", detail: "", facts: factsOf("files/1/original") },
    dooms: [],
  });
  counts.finish = taken().length;
  await store.changeFile({ fileId: item.fileId, revision: 1, actor: "system", change: { name: "b" } });
  counts.change = taken().length;
  await store.trashFile({ fileId: item.fileId, revision: 2, actor: "system" });
  counts.trash = taken().length;
  await store.purgeFile({ fileId: item.fileId, revision: 3, actor: "system" });
  counts.purge = taken().length;
  assert.deepEqual(counts, { complete: 6, claim: 6, finish: 11, change: 9, trash: 8, purge: 13 });
});

test("a version costs a few statements more than a file, and a change of one as many as a change of the file", async () => {
  const { store } = recorded;
  const file = newItem();
  const next = () => newItem({ replaces: { fileId: file.fileId, version: 1 } });
  const counts: Record<string, number> = {};
  for (const [what, item] of [
    ["file", file],
    ["replaced", next()],
    ["conflict", next()],
  ] as const) {
    await store.createUploads(createOf(ownerId, [item]));
    await store.completeUpload({ uploadId: item.id, actor: "system" });
    await store.claimUpload({ leaseMs: 1000 });
    taken();
    const result = { kind: "ready", detail: "", facts: factsOf(`files/${item.id}/1/original`) } as const;
    await store.finishUpload({ uploadId: item.id, attempt: 1, result, dooms: [] });
    counts[what] = taken().length;
  }
  const command = { fileId: file.fileId, actor: "system" } as const;
  await store.restoreVersion({ ...command, revision: 3, version: 3 });
  counts.restore = taken().length;
  await store.purgeVersion({ ...command, revision: 4, version: 1 });
  counts.purge = taken().length;
  await store.findFileVersions([
    { fileId: file.fileId, version: 2 },
    { fileId: file.fileId, version: 3 },
  ]);
  await store.listFileVersions({ fileId: file.fileId, limit: 50 });
  counts.read = taken().length;
  assert.deepEqual(counts, { file: 11, replaced: 13, conflict: 13, restore: 8, purge: 12, read: 2 });
});

test("of a backlog of audit events each batch but the first is taken without a transaction", async () => {
  const { store } = recorded;
  const items = Array.from({ length: 5 }, () => newItem());
  await store.createUploads(createOf(ownerId, items));
  const take = async (): Promise<readonly { readonly sequence: number }[]> => {
    const taken = await store.takeUnchainedAuditEvents({ sequencerId: "a", leaseMs: 1000, limit: 2 });
    return taken.outcome === "taken" ? taken.events : [];
  };
  const link = async (events: readonly { readonly sequence: number }[]) => {
    const links = events.map(({ sequence }) => ({
      sequence,
      chain: "",
      number: sequence,
      hash: "ab".repeat(32),
    }));
    assert.equal(await store.linkAuditEvents({ sequencerId: "a", links }), "linked");
  };
  taken();
  const first = await take();
  assert.ok(taken().includes("BEGIN IMMEDIATE"));
  await link(first);
  taken();
  const second = await take();
  assert.equal(second.length, 2);
  assert.equal(taken().filter((sql) => !sql.startsWith("SELECT")).length, 0);
  await link(second);
});

test("minting up to a hundred parts is three statements in a transaction, and an end of parts one more", async () => {
  const { store } = recorded;
  const item = newItem({ multipart: { partSizeBytes: 400 } });
  await store.createUploads(createOf(ownerId, [item]));
  assert.equal(taken().length, 2 + 4);
  await store.beginMultipart({ uploadId: item.id, actor: "system", storeUploadId: "one" });
  assert.equal(taken().length, 2 + 4);
  const parts = Array.from({ length: 100 }, (_, index) => ({
    partNumber: index + 1,
    sha256: "ab".repeat(32),
  }));
  await store.mintParts({ uploadId: item.id, actor: "system", uploadLifetimeMs: 1, urlLifetimeMs: 1, parts });
  assert.equal(taken().length, 2 + 3);
  await store.abortUpload({ uploadId: item.id, actor: "system", detail: "" });
  assert.equal(taken().length, 2 + 7);
});

test("a list looks up its files' rows, and nothing for each of them beside but who owns what an organisation is shown", async () => {
  const { store, connection } = recorded;
  for (const list of fileLists) {
    await store.listFiles({ ownerId, list, limit: 50 });
    for (const sql of new Set(taken())) {
      const plan = connection
        .all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
        .map(({ detail }) => detail);
      assert.deepEqual(plan.splice(-2), [
        "CORRELATED SCALAR SUBQUERY 1",
        "SEARCH o USING PRIMARY KEY (id=?)",
      ]);
      const isBeside = list.by === "metadata" || list.by === "search" || list.by === "audience";
      assert.equal(plan.length, isBeside ? 2 : 1, plan.join("\n"));
      assert.match(plan.at(-1) ?? "", /^SEARCH f USING INDEX/);
    }
  }
});

test("every statement of the port finds its rows by an index, and sorts none", async () => {
  const { store, connection } = recorded;
  await runEveryMethod();
  const statements = new Set(taken().filter((sql) => /^(SELECT|INSERT|UPDATE|DELETE)/.test(sql)));
  assert.ok(statements.size > 35, `${statements.size} statements`);
  for (const sql of statements) {
    const plan = connection.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).map(({ detail }) => detail);
    for (const step of plan) {
      assert.doesNotMatch(step, /TEMP B-TREE/, `${sql}\n${plan.join("\n")}`);
      // Only the ids and keys that were asked for, and what a subquery has searched, are read from one end to the other.
      if (/\bSCAN\b/.test(step))
        assert.match(step, /^SCAN (json_each\b|k\b|i\b|p\b|\(subquery-\d+\))/, `${sql}\n${plan.join("\n")}`);
    }
  }

  async function runEveryMethod(): Promise<void> {
    const [ready, rejected, aborted, reminted] = [newItem({ ref: "r" }), newItem(), newItem(), newItem()];
    await store.createUploads(createOf(ownerId, [ready, rejected, aborted, reminted]));
    await store.createUploads(createOf(ownerId, [newItem({ ref: "r" })], { urlLifetimeMs: 700_000 }));
    await store.createUploads(createOf(ownerId, [newItem()], { quotaBytes: 1 }));
    await store.createUploads(createOf(ownerId, [newItem()], { quotaFiles: 1 }));
    await store.remintUpload({
      uploadId: reminted.id,
      actor: "system",
      uploadLifetimeMs: 1000,
      urlLifetimeMs: 1000,
      landingKey: "uploads/fresh",
    });
    const inParts = newItem({ multipart: { partSizeBytes: 400 } });
    await store.createUploads(createOf(ownerId, [inParts, newItem({ id: "to-turn" })]));
    const begin = { uploadId: inParts.id, actor: "system", storeUploadId: "one" } as const;
    await store.beginMultipart(begin);
    await store.mintParts({
      ...begin,
      uploadLifetimeMs: 1,
      urlLifetimeMs: 1,
      parts: [{ partNumber: 1, sha256: "ab".repeat(32) }],
    });
    await store.listDeclaredParts(inParts.id);
    await store.findKnownMultiparts(["one"]);
    await store.forgetMultipart(begin);
    await store.turnMultipart({
      uploadId: "to-turn",
      actor: "system",
      uploadLifetimeMs: 1,
      landingKey: "files/turned/0/original",
      partSizeBytes: 400,
    });
    await store.abortUpload({ uploadId: inParts.id, actor: "system", detail: "" });
    for (const { id } of [ready, rejected]) await store.completeUpload({ uploadId: id, actor: "system" });
    await store.completeUpload({ uploadId: ready.id, actor: "system" });
    await store.abortUpload({ uploadId: aborted.id, actor: "system", detail: "" });
    await store.releaseReservation({ uploadId: aborted.id });
    for (const { id } of [ready, rejected]) {
      const held = { uploadId: id, attempt: 1 };
      await store.claimUpload({ leaseMs: 1000 });
      await store.renewClaim({ ...held, leaseMs: 1000 });
      await store.finishUpload({
        ...held,
        dooms: [],
        result:
          id === ready.id
            ? { kind: "ready", detail: "", facts: factsOf("files/1/original") }
            : { kind: "rejected", rejection: { code: "corrupt", detail: "" } },
      });
    }
    await store.releaseClaim({ uploadId: ready.id, attempt: 1, retryInMs: 0, consumed: true, detail: "" });
    const after = { createdAtMs: 1, id: "a" };
    await store.findPrincipal(ownerId);
    await newOwner(store);
    await store.findUpload(ready.id);
    await store.findUploads([ready.id]);
    await store.findUploadsByLandingKeys(["uploads/fresh"]);
    await store.listUploadEvents(ready.id);
    await store.listUploads({ ownerId, limit: 50, after });
    await store.listUploads({ ownerId, state: "ready", limit: 50 });
    await store.findFile(ready.fileId);
    await store.findFiles([ready.fileId]);
    for (const list of fileLists)
      for (const after of [
        undefined,
        { key: list.by === "name" || list.by === "search" ? "01b" : 1, id: "a" },
      ])
        for (const read of [store.listFiles, store.listRevealedFiles])
          await read({ ownerId, list, limit: 50, ...(after && { after }) });
    const file = { fileId: ready.fileId, actor: "system" } as const;
    await store.changeFile({ ...file, revision: 1, change: { name: "b", metadata: { c: "d" } } });
    const next = newItem({ replaces: { fileId: ready.fileId, version: 1 } });
    await store.createUploads(createOf(ownerId, [next]));
    await store.completeUpload({ uploadId: next.id, actor: "system" });
    await store.claimUpload({ leaseMs: 1000 });
    await store.finishUpload({
      uploadId: next.id,
      attempt: 1,
      dooms: [],
      result: { kind: "ready", detail: "", facts: factsOf("files/2/original") },
    });
    await store.listFileVersions({ fileId: ready.fileId, after: 3, limit: 50 });
    await store.findFileVersions([{ fileId: ready.fileId, version: 1 }]);
    await store.restoreVersion({ ...file, revision: 3, version: 1 });
    await store.purgeVersion({ ...file, revision: 4, version: 2 });
    const grant = { ...file, userId: "bob", maxGrants: 1 };
    await store.grantFile({ ...grant, endsAtMs: 1 });
    await store.grantFile({ ...grant, endsAtMs: 2 });
    await store.grantFile({ ...grant, userId: "carol" });
    await store.findFileAccess({ principalId: "bob", albumId: "a", fileIds: [ready.fileId] });
    await store.listGrants({ ...file, after: "a", limit: 10 });
    await store.revokeGrant(grant);
    await store.grantFile({ ...grant, endsAtMs: 1 });
    await store.breakGlass({ ...file, userId: "op", lifetimeMs: 1, reason: "why" });
    await store.listGlassBreaks([ready.fileId]);
    const invite = { ...file, ...limitsOfInvites, newId: "one", email: "b@c", emailKey: "b@c" };
    await store.inviteToFile(invite);
    await store.inviteToFile(invite);
    await store.listFileInvites({ ...file, after: "a", limit: 10 });
    await store.listInvitesFor({ emailKey: "b@c", after: "a", limit: 10 });
    const accept = { inviteId: "one", emailKey: "b@c", userId: "dave", maxGrants: 9 };
    assert.equal((await store.acceptInvite(accept)).outcome, "accepted");
    await store.revokeGrant({ ...grant, userId: "dave" });
    await store.inviteToFile(invite);
    assert.equal(await store.withdrawFileInvite({ ...file, inviteId: "one" }), true);
    await store.inviteToFile(invite);
    assert.equal(await store.declineInvite({ ...accept, actor: "system" }), true);
    await store.inviteToFile({ ...invite, lifetimeMs: 0 });
    assert.equal(await store.forgetEndedInvites(10), 1);
    await store.inviteToFile(invite);
    for (const name of ["Ann", "Anna"]) {
      const { organisationId = "" } = await store.ensurePrincipal({
        issuer: "https://issuer.example",
        subject: "listed",
        name,
        organisation: "Listed",
        newId: "listed",
      });
      await store.listPeople({ organisationId, text: "an", after: { key: "00", id: "a" }, limit: 10 });
    }
    assert.equal(
      await store.forgetEndedGrants({ glassEndedBeforeMs: Number.MAX_SAFE_INTEGER, limit: 10 }),
      2,
    );
    await store.grantFile(grant);
    await store.breakGlass({ ...file, userId: "op", lifetimeMs: 1, reason: "why" });
    connection.run("UPDATE files SET revision = 5 WHERE id = ?", ready.fileId);
    await store.trashFile({ ...file, revision: 5 });
    await store.restoreFile({ ...file, revision: 6 });
    await store.listTrash({ trashedBeforeMs: 1, limit: 10 });
    await store.purgeFile({ ...file, revision: 7 });
    await store.listExpiredUploads(10);
    await store.listUnprobedUploads(10);
    await store.markProbed(reminted.id);
    await store.listHeldReservations(10);
    await store.listUnclosedUploads(10);
    await store.listDoomedObjects(10);
    await store.forgetDoomedObjects(["x"]);
    await store.findKnownKeys(["files/a/1/original"]);
    await store.listVersions({ after: "files/a", limit: 10 });
    await store.listCounters({ after: "a", limit: 10 });
    connection.run("UPDATE principals SET used_bytes = used_bytes + 1");
    await store.recountPrincipal(ownerId);
    const identity = { issuer: "https://issuer.example", organisation: "Acme", newId: "bob" };
    const { organisationId = "" } = await store.ensurePrincipal({ ...identity, subject: "bob" });
    await store.findOrganisation(organisationId);
    await store.listOrganisationCounters({ after: "a", limit: 10 });
    connection.run("UPDATE organisations SET used_bytes = 1");
    assert.equal((await store.recountOrganisation(organisationId)).outcome, "recounted");
    const listed = newItem();
    await store.createUploads(createOf(ownerId, [listed]));
    await store.completeUpload({ uploadId: listed.id, actor: "system" });
    await store.claimUpload({ leaseMs: 1000 });
    const result = { kind: "ready", detail: "", facts: factsOf("files/3/original") } as const;
    await store.finishUpload({ uploadId: listed.id, attempt: 1, dooms: [], result });
    connection.run("UPDATE files SET name_key = ''");
    const ofVersion = { fileId: listed.fileId, version: 1 };
    const orders = [0, 2].map((page) => ({ ...ofVersion, name: "page", page, madeAs: "a" }));
    const limits = { maxPerVersion: 10, maxWaitingPerOwner: 10 };
    await store.askDerivatives({ actor: "system", orders, ...limits });
    const claim = { leaseMs: 1000, keyPart: "part" };
    for (const kind of ["made", "failed"] as const) {
      const task = (await store.claimDerivative(claim)) ?? assert.fail();
      await store.renewDerivative({ ...task, leaseMs: 1000 });
      await store.releaseDerivative({ ...task, retryInMs: 0, consumed: false });
      const again = (await store.claimDerivative(claim)) ?? assert.fail();
      const made = { contentType: "image/webp", width: 1, height: 1, sizeBytes: 1 };
      const derivative = { name: "page", key: again.key, ...made };
      await store.finishDerivative({
        ...again,
        result: kind === "made" ? { kind, derivative } : { kind, detail: "" },
        replacedNotBeforeMs: 0,
      });
    }
    await store.claimDerivative(claim);
    await store.countWaitingDerivatives(10);
    assert.equal(await store.forgetFailedDerivatives([ofVersion]), 1);
    await store.listIndexedFiles({ after: "a", limit: 10 });
    assert.deepEqual(await store.reindexFile(listed.fileId), { outcome: "reindexed" });
    await store.listAuditEvents({ afterSequence: 0, limit: 10 });
    await store.addAuditEvents([
      { actor: "anonymous", action: "access.denied", targetId: "x", detail: "{}" },
    ]);
    const archive = {
      id: "archive",
      ownerId,
      request: { kind: "account" },
      keyPrefix: "archives/a",
    } as const;
    await store.askArchive({ ...archive, lifetimeMs: 1, maxPerOwner: 1 });
    await store.claimArchive({ leaseMs: 1000 });
    const packing = { archiveId: "archive", attempt: 1 };
    await store.beginArchivePart({ ...packing, number: 1, storeUploadId: "a", fileIds: [] });
    await store.renewArchive({ ...packing, leaseMs: 1000 });
    await store.findKnownKeys(["archives/a/1/1"]);
    await store.releaseArchive({ ...packing, retryInMs: 0, consumed: true });
    await store.claimArchive({ leaseMs: 1000 });
    const packed = { key: "archives/a/2/1", sizeBytes: 1, sha256: "ab".repeat(32), entries: [] };
    await store.finishArchive({
      ...packing,
      attempt: 2,
      result: { kind: "made", parts: [packed], leftOut: [] },
      lifetimeMs: 1,
    });
    await store.findArchive("archive");
    await store.listReadyArchives({ after: "a", limit: 1 });
    const [doubted] = await store.listDoubtedArchives({ after: "a", limit: 1 });
    assert.ok(doubted);
    await store.settleArchive({ id: "archive", doubts: doubted.doubts });
    assert.ok(await store.outdateArchive("archive"));
    await store.endArchives({ limit: 1 });
    await store.endArchives({ limit: 1, ownerId });
    await store.signOutEverywhere({ principalId: ownerId });
    await store.listSignedOut(1);
    await store.findTokensValidFrom({ issuer: "a", subject: "b" });
    await store.eraseUploads({ ownerId, uploadIds: [ready.id] });
    await store.listSealedFiles({ ownerId, limit: 1 });
    await store.listDeletedAccounts({ limit: 1 });
    const gone = await newOwner(store, "gone");
    await store.deleteAccount({ principalId: gone, ownIssuer: "https://issuer.example" });
    await store.forgetIssuerAccount(gone);
    await store.changeProfile({ principalId: ownerId, revision: 1, name: "Ann" });
    await store.changeProfile({ principalId: ownerId, revision: 1, name: null });
    const moving = { issuer: "https://issuer.example", subject: "moving", newId: "moving" };
    await store.ensurePrincipal({ ...moving, organisation: "Acme" });
    await store.ensurePrincipal(moving);
    await store.withdrawAudiences({ leftBeforeMs: Number.MAX_SAFE_INTEGER, limit: 10 });
    await store.revokeGrantsTo({ userId: gone, limit: 10 });
    await store.forgetAccount(gone);
    await store.countUnchainedAuditEvents(10);
    const taken = await store.takeUnchainedAuditEvents({ sequencerId: "a", leaseMs: 1000, limit: 1 });
    assert.ok(taken.outcome === "taken");
    const links = [{ sequence: 1, chain: "", number: 1, hash: "ab".repeat(32) }];
    assert.equal(await store.linkAuditEvents({ ...taken, sequencerId: "a", links }), "linked");
    await store.listAuditChainHeads();
    await store.findAuditExtent();
    for (const asked of [{}, { targetId: ready.id }, { actorId: ownerId }])
      await store.listAuditEventsBack({ ...asked, before: 10, limit: 10 });
    await runAlbumMethods(store, ownerId);
    await store.countOpenUploads(10);
    const ofAnn = { principalId: ownerId };
    const linked = { target: { kind: "file", id: listed.fileId }, id: "link" } as const;
    const tries = { maxWrong: 1, windowMs: 1000 };
    const newLink = {
      ...linked,
      createdBy: ownerId,
      tokenDigest: "d",
      endsAtMs: 1e15,
      maxPerTarget: 1,
      idempotency: { key: "k", requestDigest: "d" },
    };
    for (const target of [linked.target, linked.target, { kind: "album", id: "a" } as const])
      await store.createLink({ ...newLink, target });
    await store.listLinks({ ...linked, after, limit: 10 });
    await store.findLinkToOpen({ tokenDigest: "d", ...tries });
    await store.openLink({ id: "link", capabilityId: "c", lifetimeMs: 1000, ...tries });
    for (const _ of [1, 2]) await store.countWrongPassphrase({ id: "link", ...tries });
    await store.revokeLink({ ...linked, actor: "system" });
    await store.findRepeat({ principalId: "a", key: "k", requestDigest: "d" });
    await store.forgetIdempotencyKeys(10);
    await store.forgetEndedLinks({ endedBeforeMs: 1, limit: 10 });
    const right = { kind: "guest", id: "right", albumId: "a", scopes: [], endsAtMs: 1e15, ...ofAnn } as const;
    await store.mintCapability(right);
    await store.findCapability("right");
    await store.revokeCapabilities({ ...ofAnn, actor: "system" });
    await store.forgetEndedCapabilities(10);
    const delegation = {
      ...{ id: "token", personId: ownerId, byTokenOfMs: 1e15, scopes: [], lifetimeMs: 1e6, maxPerPerson: 1 },
      ...{ bounds: { albumId: "a" }, idempotency: { key: "t", requestDigest: "d" } },
    };
    await store.mintDelegation(delegation);
    await store.mintDelegation({ ...delegation, bounds: { maxFiles: 1 } });
    await store.mintDelegation(delegation);
    await store.findCapability("token");
    await store.listDelegations({ personId: ownerId, after, limit: 10 });
    for (const limits of [{ quotaBytes: 1 }, {}, {}])
      await store.createUploads(createOf(ownerId, [newItem()], { delegationId: "token", ...limits }));
    await store.revokeDelegation({ id: "token", personId: ownerId });
    await store.mintDelegation({ ...delegation, bounds: {}, idempotency: { key: "u", requestDigest: "d" } });
    const ofGone = { issuer: "https://issuer.example", subject: "gone" };
    for (const whose of [ofGone, "everybody"] as const)
      await store.revokeDelegations({ of: whose, actor: "system" });
    await store.forgetEndedDelegations(10);
    await store.checkHealth();
  }
});

const limitsOfInvites = { lifetimeMs: 1_000_000_000, maxInvites: 9 };

const fileLists: readonly FileList[] = [
  { by: "created" },
  { by: "created", type: "video" },
  { by: "taken" },
  { by: "taken", type: "image" },
  { by: "name" },
  { by: "metadata", name: "step", value: "1" },
  { by: "search", text: "holi" },
  { by: "trashed" },
  { by: "audience", audience: "p" },
];

const factsOf = (key: string) => ({
  key,
  sizeBytes: 10,
  sha256: "ab".repeat(32),
  contentType: "image/jpeg",
  derivatives: [],
});
