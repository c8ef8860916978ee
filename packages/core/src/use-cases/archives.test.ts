import assert from "node:assert/strict";
import { test } from "node:test";
import { archiveLifetimeMs, maxArchivesPerPerson } from "../archives/archive.ts";
import type { FileAccess } from "../policy/decide-file-access.ts";
import { noFileAccess } from "../policy/decide-file-access.ts";
import { RefusedError } from "../refusal.ts";
import { stripperVersion } from "../rendition.ts";
import { readMemoryArchive } from "../testing/memory-archive-writer.ts";
import { askArchive } from "./ask-archive.ts";
import { changeFile } from "./change-file.ts";
import { completeUpload } from "./complete-upload.ts";
import { getArchive } from "./get-archive.ts";
import { makeArchive, type PackOutcome } from "./make-archive.ts";
import { makeDerivative } from "./make-derivative.ts";
import { createOneMachine, leaseMs, type OneMachine, sha256Of } from "./one-machine.testing.ts";
import { outdateArchives } from "./outdate-archives.ts";
import { processUpload } from "./process-upload.ts";
import { purgeFile } from "./purge-file.ts";
import { restoreFile } from "./restore-file.ts";
import { sweep } from "./sweep.ts";
import { sweepArchives } from "./sweep-archives.ts";
import { trashFile } from "./trash-file.ts";

interface Person {
  readonly id: string;
}

/** A ready file; the inspector says what others get of it. */
async function own(
  machine: OneMachine,
  person: Person,
  text: string,
  name = "photo.jpg",
  rendition: "original" | "stripped" | "none" = "original",
): Promise<string> {
  const bytes = Buffer.from(text);
  const { id, fileId, request } = await machine.announce(person, bytes, undefined, { name });
  await machine.objects.receive(request, bytes);
  await completeUpload(machine.services, person, id);
  machine.inspectNext(({ declaredContentType }) => ({
    verdict: "accepted",
    ...{ sizeBytes: bytes.byteLength, sha256: sha256Of(bytes), contentType: declaredContentType },
    rendition: { ...renditionOf(rendition, text), version: stripperVersion },
    derivatives: [],
  }));
  await processUpload(machine.worker, await machine.claim());
  return fileId;
}

const strippedOf = (text: string) => Buffer.from(text.replace("GPS", "---"));
const renditionOf = (kind: "original" | "stripped" | "none", text: string) => {
  if (kind !== "stripped") return { kind };
  const bytes = strippedOf(text);
  return { kind, sizeBytes: bytes.byteLength, sha256: sha256Of(bytes) } as const;
};

/** Makes what waits, as a worker whose inspector strips. */
async function strip(machine: OneMachine, text: string): Promise<void> {
  const task = await machine.services.metadata.claimDerivative({ leaseMs, keyPart: "part" });
  const stripped = strippedOf(text);
  machine.inspectNext(async (request) => {
    const body = { byteLength: stripped.byteLength, sha256: sha256Of(stripped) };
    await request.takeRendition?.({
      ...body,
      open: async function* () {
        yield stripped;
      },
    });
    return {
      verdict: "accepted",
      ...{ sizeBytes: text.length, sha256: sha256Of(Buffer.from(text)), contentType: "image/jpeg" },
      rendition: { ...renditionOf("stripped", text), version: stripperVersion },
      derivatives: [],
    };
  });
  assert.equal((await makeDerivative(machine.worker, task ?? assert.fail("nothing waits"))).outcome, "made");
}

async function pack(machine: OneMachine): Promise<PackOutcome> {
  const task = await machine.packer.metadata.claimArchive({ leaseMs });
  return makeArchive(machine.packer, task ?? assert.fail("nothing waits"));
}

/** What somebody gets of their archive, by name; manifests as they are. */
async function contentOf(machine: OneMachine, person: Person, id: string) {
  const { archive, requests } = await getArchive(machine.services, person, id);
  const parts = [];
  for (const [index, request] of requests.entries()) {
    const { status, bytes, headers } = await machine.objects.fetchBytes(request);
    assert.equal(status, 200);
    assert.match(headers.get("content-disposition") ?? "", /^attachment; filename="stowage-.*\.zip"/);
    assert.equal(bytes.byteLength, archive.parts[index]?.sizeBytes);
    assert.equal(sha256Of(bytes), archive.parts[index]?.sha256);
    parts.push(readMemoryArchive(bytes));
  }
  return { archive, parts };
}

const textsOf = (part: ReadonlyMap<string, Uint8Array> | undefined) =>
  Object.fromEntries([...(part ?? [])].map(([name, bytes]) => [name, Buffer.from(bytes).toString()]));

/** As sharing will have it: who may read what, beside owners. */
function share(machine: OneMachine, grants: Map<string, FileAccess>): OneMachine {
  const findFileAccess: OneMachine["services"]["metadata"]["findFileAccess"] = async ({ fileIds }) =>
    fileIds.map((fileId) => ({ ...(grants.get(fileId) ?? noFileAccess), fileId }));
  const metadata = { ...machine.services.metadata, findFileAccess };
  return {
    ...machine,
    services: { ...machine.services, metadata },
    packer: { ...machine.packer, metadata },
  };
}

const granted: FileAccess = { grants: [{ kind: "share" }], albumIds: [] };

test("packs one's own files as they are, each under a name of its own, with a manifest of what is where", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const first = await own(machine, ann, "one GPS", "a.jpg", "stripped");
  const second = await own(machine, ann, "two", "A.jpg");
  const asked = await askArchive(machine.services, ann, {
    kind: "files",
    fileIds: [first, second, first, "no"],
  });
  assert.equal(machine.wakes.count > 0, true);
  const made = await pack(machine);
  assert.equal(made.outcome, "made");
  const { archive, parts } = await contentOf(machine, ann, asked.id);
  assert.deepEqual(archive.leftOut, [{ fileId: "no", reason: "not-visible" }]);
  const { "manifest.json": manifest = "", ...files } = textsOf(parts[0]);
  assert.deepEqual(files, { "a.jpg": "one GPS", "A (2).jpg": "two" });
  assert.deepEqual(JSON.parse(manifest), {
    archiveId: asked.id,
    ...{ part: 1, parts: 1 },
    entries: [
      {
        ...{ name: "a.jpg", fileId: first, version: 1, sizeBytes: 7 },
        sha256: sha256Of(Buffer.from("one GPS")),
      },
      {
        ...{ name: "A (2).jpg", fileId: second, version: 1, sizeBytes: 3 },
        sha256: sha256Of(Buffer.from("two")),
      },
    ],
    leftOut: [{ fileId: "no", reason: "not-visible" }],
  });
});

test("gives of others' files what they are to others, once that was made, and of some nothing", async () => {
  const grants = new Map<string, FileAccess>();
  const machine = share(createOneMachine(), grants);
  const [ann, bob] = [await machine.person("ann"), await machine.person("bob")];
  const secret = await own(machine, ann, "secret");
  const gps = await own(machine, ann, "with GPS", "gps.jpg", "stripped");
  const opaque = await own(machine, ann, "who knows", "opaque.jpg", "none");
  const plain = await own(machine, ann, "plain", "plain.jpg");
  for (const id of [gps, opaque, plain]) grants.set(id, granted);
  const fileIds = [secret, gps, opaque, plain];
  const { id } = await askArchive(machine.services, bob, { kind: "files", fileIds });
  assert.deepEqual(await pack(machine), { outcome: "waiting" });
  assert.equal((await getArchive(machine.services, bob, id)).archive.state, "waiting");
  await strip(machine, "with GPS");
  machine.advance(60_000);
  assert.equal((await pack(machine)).outcome, "made");
  const { archive, parts } = await contentOf(machine, bob, id);
  const { "manifest.json": _, ...files } = textsOf(parts[0]);
  assert.deepEqual(files, { "gps.jpg": "with ---", "plain.jpg": "plain" });
  assert.deepEqual(archive.leftOut, [
    { fileId: secret, reason: "not-visible" },
    { fileId: opaque, reason: "no-rendition" },
  ]);
});

test("does not wait for what can't be made for ever", async () => {
  const machine = share(createOneMachine(), new Map());
  const [ann, bob] = [await machine.person("ann"), await machine.person("bob")];
  const gps = await own(machine, ann, "with GPS", "gps.jpg", "stripped");
  const shared = share(machine, new Map([[gps, granted]]));
  const { id } = await askArchive(shared.services, bob, { kind: "files", fileIds: [gps] });
  assert.equal((await pack(shared)).outcome, "waiting");
  machine.advance(7 * 3600_000);
  assert.equal((await pack(shared)).outcome, "failed");
  assert.equal((await getArchive(shared.services, bob, id)).archive.failure?.code, "archive-empty");
});

test("is nobody's but who asked for it, and nobody's after its end", async () => {
  const machine = createOneMachine();
  const [ann, bob] = [await machine.person("ann"), await machine.person("bob")];
  const file = await own(machine, ann, "one");
  const { id } = await askArchive(machine.services, ann, { kind: "files", fileIds: [file] });
  await pack(machine);
  const isNotFound = (error: unknown) => error instanceof RefusedError && error.code === "not-found";
  await assert.rejects(getArchive(machine.services, bob, id), isNotFound);
  await assert.rejects(getArchive(machine.services, ann, "no"), isNotFound);
  machine.advance(archiveLifetimeMs - 500);
  assert.equal((await getArchive(machine.services, ann, id)).archive.state, "stale", "no URL outlives it");
  machine.advance(500);
  await assert.rejects(getArchive(machine.services, ann, id), isNotFound);
});

const changes: readonly [string, (machine: OneMachine, ann: Person, fileId: string) => Promise<unknown>][] = [
  ["is in the trash", ({ services }, ann, id) => trashFile(services, ann, id, "any")],
  ["was purged", ({ services }, ann, id) => purgeFile(services, ann, id, "any")],
];

for (const [what, change] of changes)
  test(`gives out nothing of an archive once something in it ${what}, and deletes it`, async () => {
    const machine = createOneMachine();
    const ann = await machine.person("ann");
    const [first, second] = [await own(machine, ann, "one"), await own(machine, ann, "two")];
    const { id } = await askArchive(machine.services, ann, { kind: "files", fileIds: [first, second] });
    await pack(machine);
    const { requests } = await getArchive(machine.services, ann, id);
    assert.equal(requests.length, 1);
    await change(machine, ann, second);
    const after = await getArchive(machine.services, ann, id);
    assert.deepEqual([after.archive.state, after.requests], ["stale", []]);
    if (what === "is in the trash") await restoreFile(machine.services, ann, second, "any");
    assert.equal((await getArchive(machine.services, ann, id)).archive.state, "stale", "and stays so");
    await sweep(machine.services);
    assert.deepEqual(
      [...machine.objects.objects.keys()].filter((key) => key.startsWith("archives/")),
      [],
    );
  });

test("goes when something in it was purged, though nobody asks for it, and others stay", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const [first, second] = [await own(machine, ann, "one"), await own(machine, ann, "two")];
  const ids = [];
  for (const file of [first, second]) {
    ids.push((await askArchive(machine.services, ann, { kind: "files", fileIds: [file] })).id);
    await pack(machine);
  }
  assert.equal(await outdateArchives(machine.services), 0);
  await purgeFile(machine.services, ann, first, "any");
  assert.equal(await outdateArchives(machine.services), 1);
  const states = await Promise.all(
    ids.map(async (id) => (await machine.services.metadata.findArchive(id))?.state),
  );
  assert.deepEqual(states, ["stale", "ready"]);
});

test("leaves no copy of what was purged once the sweepers have come by", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const file = await own(machine, ann, "one");
  const { id } = await askArchive(machine.services, ann, { kind: "files", fileIds: [file] });
  await pack(machine);
  const copies = () => [...machine.objects.objects.keys()].filter((key) => key.startsWith("archives/"));
  await sweepArchives(machine.services);
  await sweep(machine.services);
  assert.equal(copies().length, 1);
  await purgeFile(machine.services, ann, file, "any");
  await sweepArchives(machine.services);
  await sweep(machine.services);
  assert.deepEqual(copies(), []);
  assert.equal((await machine.services.metadata.findArchive(id))?.state, "stale");
});

test("stays ready for who owns what is in it when it is renamed", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const file = await own(machine, ann, "one");
  const { id } = await askArchive(machine.services, ann, { kind: "files", fileIds: [file] });
  await pack(machine);
  await changeFile(machine.services, ann, file, "any", { name: "other.jpg" });
  assert.equal((await getArchive(machine.services, ann, id)).requests.length, 1);
});

test("gives out nothing of an archive once a share that it was made by is taken back, or runs out", async () => {
  const grants = new Map<string, FileAccess>();
  const machine = share(createOneMachine(), grants);
  const [ann, bob] = [await machine.person("ann"), await machine.person("bob")];
  const file = await own(machine, ann, "one");
  const endsAtMs = machine.services.clock.nowMs() + 3600_000;
  grants.set(file, { grants: [{ kind: "share", endsAtMs }], albumIds: [] });
  const { id } = await askArchive(machine.services, bob, { kind: "files", fileIds: [file] });
  await pack(machine);
  machine.advance(3600_000 - 30_000);
  const [request] = (await getArchive(machine.services, bob, id)).requests;
  assert.ok(request && request.expiresAtMs <= endsAtMs, "no URL outlives the share");
  grants.delete(file);
  assert.equal((await getArchive(machine.services, bob, id)).archive.state, "stale");
});

test("refuses one archive too many, and one that would be too large", async () => {
  const machine = createOneMachine({ maxArchiveBytes: 5 });
  const ann = await machine.person("ann");
  const file = await own(machine, ann, "too large");
  const ask = () => askArchive(machine.services, ann, { kind: "files", fileIds: [file] });
  const { id } = await ask();
  assert.equal((await pack(machine)).outcome, "failed");
  assert.equal((await getArchive(machine.services, ann, id)).archive.failure?.code, "archive-too-large");
  for (let each = 0; each < maxArchivesPerPerson; each += 1) await ask();
  await assert.rejects(ask(), (error) => error instanceof RefusedError && error.code === "too-many-archives");
  machine.advance(archiveLifetimeMs);
  assert.equal(await sweepArchives(machine.services), maxArchivesPerPerson + 1);
  await ask();
});

test("leaves to guests and links what has no account", async () => {
  const machine = createOneMachine();
  const capability = { id: "c", kind: "guest", albumId: "a", endsAtMs: Number.MAX_SAFE_INTEGER } as const;
  await assert.rejects(
    askArchive(machine.services, { id: "g", capability }, { kind: "account" }),
    (error) => error instanceof RefusedError && error.code === "forbidden",
  );
});

test("packs all of one's own for who leaves: earlier versions, and what is known of them", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const file = await own(machine, ann, "first", "a.jpg");
  const trashed = await own(machine, ann, "trashed", "b.jpg");
  await trashFile(machine.services, ann, trashed, "any");
  const bytes = Buffer.from("second");
  const next = await machine.announce(ann, bytes, undefined, { replaces: { fileId: file, version: 1 } });
  await machine.objects.receive(next.request, bytes);
  await completeUpload(machine.services, ann, next.id);
  await processUpload(machine.worker, await machine.claim());
  const { id } = await askArchive(machine.services, ann, { kind: "account" });
  const { metadata, clock } = machine.services;
  const actor = { principalId: ann.id };
  await metadata.grantFile({ fileId: file, userId: "somebody", actor, maxGrants: 9 });
  await metadata.createAlbum({ id: "album", ownerId: ann.id, name: "An album" });
  const linked = await metadata.createLink({
    id: "link",
    createdBy: ann.id,
    target: { kind: "file", id: file },
    tokenDigest: "a secret of the link's",
    passphraseHash: "another secret",
    endsAtMs: clock.nowMs() + 1e6,
    maxPerTarget: 9,
  });
  assert.equal(linked.outcome, "created");
  assert.equal((await pack(machine)).outcome, "made");
  const { archive, parts } = await contentOf(machine, ann, id);
  const { "manifest.json": manifest = "", "account.json": account = "", ...rest } = textsOf(parts[0]);
  const isDocument = ([name]: readonly [string, string]) => name.startsWith("account/");
  const documents = Object.entries(rest).filter(isDocument);
  const files = Object.fromEntries(Object.entries(rest).filter((each) => !isDocument(each)));
  assert.deepEqual(files, { "a.jpg": "second", "versions/a.jpg": "first", "trash/b.jpg": "trashed" });
  assert.deepEqual(archive.leftOut, []);
  assert.equal(JSON.parse(manifest).entries.length, 3);
  assert.equal(JSON.parse(account).subject, "ann");
  const items = new Map(documents.map(([name, text]) => [name, JSON.parse(text).items]));
  assert.deepEqual(
    [...items.keys()].sort(),
    ["albums", "files", "grants", "links", "uploads"].map((name) => `account/${name}-1.json`),
  );
  assert.equal(items.get("account/uploads-1.json").length, 3);
  assert.deepEqual(
    items.get("account/files-1.json").map(({ id, state }: Person & { state: string }) => [id, state]),
    [
      [file, "ready"],
      [trashed, "trashed"],
    ],
  );
  assert.equal(items.get("account/grants-1.json")[0].userId, "somebody");
  assert.equal(items.get("account/albums-1.json")[0].name, "An album");
  assert.equal(items.get("account/links-1.json")[0].id, "link");
  assert.doesNotMatch(JSON.stringify(documents), /secret/);
  const nothing = await machine.person("new");
  const empty = await askArchive(machine.services, nothing, { kind: "account" });
  await pack(machine);
  const { parts: of } = await contentOf(machine, nothing, empty.id);
  assert.deepEqual([...(of[0]?.keys() ?? [])], ["manifest.json", "account.json"]);
});

test("never packs bytes that are not those of the row: it is tried again, then given up", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const file = await own(machine, ann, "sound");
  const { id } = await askArchive(machine.services, ann, { kind: "files", fileIds: [file] });
  const key = (await machine.services.metadata.findFile(file))?.current.key ?? "";
  const body = Buffer.from("rotts");
  await machine.objects.put({ key, body, contentType: "image/jpeg", sha256: sha256Of(body) });
  for (let each = 0; each < 3; each += 1) {
    assert.equal((await pack(machine)).outcome, "postponed");
    machine.advance(60_000);
  }
  assert.equal((await pack(machine)).outcome, "failed");
  assert.equal((await getArchive(machine.services, ann, id)).archive.failure?.code, "processing-failed");
  assert.equal(machine.objects.multiparts.size, 0);
});
