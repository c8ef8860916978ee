import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { trashLifetimeMs } from "../limits.ts";
import { RefusedError } from "../refusal.ts";
import type { ExpectedRevision } from "./at-revision.ts";
import { completeUpload } from "./complete-upload.ts";
import { type CreateAnswer, createUploads } from "./create-uploads.ts";
import type { FileIntent } from "./decide-intent.ts";
import { listFileVersions } from "./list-file-versions.ts";
import { mintDownloads } from "./mint-downloads.ts";
import { mintParts } from "./mint-parts.ts";
import { createOneMachine, type OneMachine, sha256Of } from "./one-machine.testing.ts";
import { processUpload } from "./process-upload.ts";
import { purgeFile } from "./purge-file.ts";
import { purgeVersion } from "./purge-version.ts";
import { reconcile } from "./reconcile.ts";
import type { Finding } from "./reconcile-findings.ts";
import { restoreVersion } from "./restore-version.ts";
import { sweep } from "./sweep.ts";
import { trashFile } from "./trash-file.ts";

const refusedWith = (code: string) => (error: unknown) =>
  error instanceof RefusedError && error.code === code;

const newSha256 = () => {
  const hash = createHash("sha256");
  return { update: (bytes: Uint8Array) => void hash.update(bytes), digestHex: () => hash.digest("hex") };
};

/** Sends bytes all the way; answers the upload's id. */
async function send(
  machine: OneMachine,
  person: { id: string },
  text: string,
  more: Partial<FileIntent> = {},
): Promise<{ id: string; fileId: string }> {
  const bytes = Buffer.from(text);
  const { id, fileId, request } = await machine.announce(person, bytes, undefined, more);
  await machine.objects.receive(request, bytes);
  await completeUpload(machine.services, person, id);
  assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "ready");
  return { id, fileId };
}

async function setUp(texts: readonly string[] = ["first"]) {
  const machine = createOneMachine();
  const { services } = machine;
  const [ann, bob] = [await machine.person("ann"), await machine.person("bob")];
  const { fileId } = await send(machine, ann, texts[0] ?? "");
  for (const [index, text] of texts.slice(1).entries())
    await send(machine, ann, text, { name: `${text}.jpg`, replaces: { fileId, version: index + 1 } });
  const file = async () => {
    const found = await services.metadata.findFile(fileId);
    assert.ok(found);
    return found;
  };
  const history = async () =>
    (await listFileVersions(services, ann, fileId, { limit: 50 })).items.map(
      ({ version, state }) => `${version} ${state}`,
    );
  const eventCount = async () =>
    (await services.metadata.listAuditEvents({ afterSequence: 0, limit: 1000 })).length;
  return { machine, services, ann, bob, fileId, file, history, eventCount };
}

const codeOf = (answer: CreateAnswer | undefined) =>
  answer && "refusal" in answer ? [answer.refusal.code, answer.refusal.member] : answer?.upload.state;

test("a version may be replaced that was current once, of one's own file, which is ready", async () => {
  const { services, ann, bob, fileId, machine } = await setUp(["first", "second"]);
  const ask = async (
    person: { id: string },
    replaces: FileIntent["replaces"],
    ref?: string,
  ): Promise<unknown> => {
    const intent = { name: "n.jpg", sizeBytes: 5, contentType: "image/jpeg", sha256: "a".repeat(64) };
    const [answer] = await createUploads(services, person, [{ ...intent, replaces, ref }]);
    return codeOf(answer);
  };
  assert.equal(await ask(ann, { fileId, version: 2 }), "pending");
  assert.equal(await ask(ann, { fileId, version: 1 }, "one"), "pending");
  assert.deepEqual(await ask(ann, { fileId, version: 3 }), ["validation-failed", "replaces/version"]);
  for (const ref of [undefined, "two"]) {
    assert.deepEqual(await ask(bob, { fileId, version: 1 }, ref), ["not-found", undefined]);
    assert.deepEqual(await ask(ann, { fileId: "none", version: 1 }, ref), ["not-found", undefined]);
  }
  await trashFile(services, ann, fileId, "any");
  assert.deepEqual(await ask(ann, { fileId, version: 2 }), ["file-not-ready", "replaces/fileId"]);
  assert.equal(await ask(ann, { fileId, version: 1 }, "one"), "pending", "what is under way goes on");
  await purgeFile(services, ann, fileId, "any");
  assert.equal(await ask(ann, { fileId, version: 1 }, "one"), "pending");
  assert.deepEqual(await ask(ann, { fileId, version: 2 }, "one"), ["ref-reused", "ref"]);
  assert.deepEqual(await ask(ann, { fileId, version: 1 }, "new"), ["not-found", undefined]);
  assert.equal((await services.metadata.findPrincipal(bob.id))?.openUploads, 0);
  assert.equal(machine.wakes.count > 0, true);
});

test("an upload that failed gives its ref to a new try only where the version may still be replaced", async () => {
  const { services, ann, fileId, machine } = await setUp();
  const bytes = Buffer.from("other");
  const replaces = { fileId, version: 1 };
  const { id, request } = await machine.announce(ann, bytes, "ref", { replaces });
  await machine.objects.receive(request, bytes);
  await completeUpload(services, ann, id);
  machine.inspectNext(() => ({ verdict: "rejected", code: "corrupt", detail: "" }));
  await processUpload(machine.worker, await machine.claim());
  const again = await machine.announce(ann, bytes, "ref", { replaces });
  assert.notEqual(again.id, id);
  await services.metadata.abortUpload({ uploadId: again.id, actor: "system", detail: "" });
  await trashFile(services, ann, fileId, "any");
  await assert.rejects(machine.announce(ann, bytes, "ref", { replaces }), /file-not-ready/);
});

test("any version and its derivatives are given out, of a ready file only, and to its owner alone", async () => {
  const { machine, services, ann, bob, fileId } = await setUp(["first", "second", "third"]);
  const fetch = async (person: { id: string }, version?: number, derivative?: string) => {
    const [answer] = await mintDownloads(services, person, [{ id: fileId, version, derivative }]);
    if (!answer || "refusal" in answer) return answer?.refusal.code;
    const { bytes, headers } = await machine.objects.fetchBytes(answer.request);
    return [Buffer.from(bytes).toString(), headers.get("content-disposition")?.replace(/; filename\*.*/, "")];
  };
  assert.deepEqual(await fetch(ann, 1), ["first", 'attachment; filename="photo.jpg"']);
  assert.deepEqual(await fetch(ann, 2), ["second", 'attachment; filename="second.jpg"']);
  const current = ["third", 'attachment; filename="photo.jpg"'];
  assert.deepEqual([await fetch(ann, 3), await fetch(ann)], [current, current], "the file keeps its name");
  assert.deepEqual(await fetch(ann, 2, "thumbnail"), [
    "picture thumbnail",
    'inline; filename="second-thumbnail.webp"',
  ]);
  const keys = new Set(
    (await services.metadata.listFileVersions({ fileId, limit: 10 })).flatMap(({ key, derivatives }) => [
      key,
      ...derivatives.map((derivative) => derivative.key),
    ]),
  );
  assert.equal(keys.size, 9, "each version has objects of its own");
  assert.equal(await fetch(ann, 2, "no-such"), "not-found");
  assert.equal(await fetch(ann, 4), "not-found");
  for (const version of [undefined, 1, 3, 4]) assert.equal(await fetch(bob, version), "not-found");
  await trashFile(services, ann, fileId, "any");
  for (const version of [undefined, 1, 2, 3])
    for (const derivative of [undefined, "thumbnail"])
      assert.equal(await fetch(ann, version, derivative), "not-found");
});

test("many downloads of many versions cost two reads", async () => {
  const { services, ann, fileId } = await setUp(["first", "second", "third"]);
  const calls: string[] = [];
  const metadata = new Proxy(services.metadata, {
    get(target, name) {
      calls.push(String(name));
      return Reflect.get(target, name) as unknown;
    },
  });
  const all = [1, 2, 3, 1, 9].map((version) => ({ id: fileId, version }));
  const answers = await mintDownloads({ ...services, metadata }, ann, all);
  assert.deepEqual(
    answers.map((answer) => "request" in answer),
    [true, true, true, true, false],
  );
  assert.deepEqual(calls, ["findFiles", "findFileVersions"]);
  calls.length = 0;
  await mintDownloads({ ...services, metadata }, ann, [{ id: fileId, version: 3 }, { id: fileId }]);
  assert.deepEqual(calls, ["findFiles"]);
});

test("versions are restored and deleted by whoever knows the file's revision; what is not there is told first", async () => {
  const { services, ann, bob, fileId, file, history, eventCount } = await setUp(["first", "second"]);
  const before = [await file(), await eventCount()];
  for (const act of [restoreVersion, purgeVersion]) {
    const ask = (person: { id: string }, id: string, version: number, expected: ExpectedRevision) =>
      act(services, person, id, version, expected);
    for (const expected of [undefined, 1, 2, "any"] as const) {
      await assert.rejects(ask(bob, fileId, 1, expected), refusedWith("not-found"));
      await assert.rejects(ask(ann, "none", 1, expected), refusedWith("not-found"));
      await assert.rejects(ask(ann, fileId, 3, expected), refusedWith("not-found"));
    }
    await assert.rejects(ask(ann, fileId, 1, undefined), refusedWith("precondition-required"));
    await assert.rejects(ask(ann, fileId, 1, 1), refusedWith("precondition-failed"));
    await assert.rejects(ask(ann, fileId, 2, 1), refusedWith("precondition-failed"));
  }
  await assert.rejects(purgeVersion(services, ann, fileId, 2, 2), refusedWith("version-current"));
  assert.deepEqual((await restoreVersion(services, ann, fileId, 2, 2)).revision, 2, "so already");
  assert.deepEqual([await file(), await eventCount()], before, "nothing was written");

  assert.equal((await restoreVersion(services, ann, fileId, 1, 2)).version, 1);
  assert.deepEqual(await history(), ["2 superseded", "1 current"]);
  assert.equal((await purgeVersion(services, ann, fileId, 2, "any")).revision, 4);
  assert.deepEqual(await history(), ["1 current"]);
  assert.equal(await eventCount(), Number(before[1]) + 2);
  await trashFile(services, ann, fileId, 4);
  for (const act of [restoreVersion, purgeVersion])
    await assert.rejects(act(services, ann, fileId, 1, 5), refusedWith("file-not-ready"));
});

test("a version is in parts like any file, and a conflict in parts is kept as well", async () => {
  const { machine, services, ann, fileId, file, history } = await setUp();
  const film = Buffer.from("twenty-five bytes of film");
  const begin = () => machine.announceInParts(ann, film, 10, { fileId, version: 1 });
  const uploads = [await begin(), await begin()];
  for (const { id } of uploads) {
    const parts = [1, 2, 3].map((partNumber) => ({
      partNumber,
      sha256: sha256Of(film.subarray((partNumber - 1) * 10, partNumber * 10)),
    }));
    const { requests } = await mintParts(services, ann, id, parts);
    for (const request of requests ?? []) {
      const from = (request.partNumber - 1) * 10;
      assert.equal(await machine.objects.receive(request, film.subarray(from, from + 10)), 200);
    }
    await completeUpload(services, ann, id);
    assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "ready");
  }
  assert.deepEqual(await history(), ["3 conflict", "2 current", "1 superseded"]);
  assert.equal((await file()).current.sha256, sha256Of(film));
  const findings: Finding[] = [];
  await reconcile(services, { deep: { newSha256 }, onFinding: (finding) => findings.push(finding) });
  assert.deepEqual(findings, []);
});

test("deleted versions and files leave no bytes once the sweeper has come by, and take none of others' with them", async () => {
  const { machine, services, ann, fileId } = await setUp(["first", "second", "third"]);
  const other = await send(machine, ann, "other");
  machine.advance(20 * 60_000);
  await purgeVersion(services, ann, fileId, 2, "any");
  await sweep(services);
  const kept = async () => {
    const versions = await services.metadata.listVersions({ limit: 100 });
    return versions.flatMap(({ key, derivatives }) => [key, ...derivatives.map((each) => each.key)]);
  };
  assert.equal((await kept()).length, 9);
  assert.deepEqual([...machine.objects.objects.keys()].sort(), (await kept()).sort());
  await trashFile(services, ann, fileId, "any");
  machine.advance(trashLifetimeMs + 1);
  assert.equal((await sweep(services)).purged, 1);
  assert.deepEqual([...machine.objects.objects.keys()].sort(), (await kept()).sort());
  assert.deepEqual(
    (await services.metadata.listVersions({ limit: 100 })).map((version) => version.fileId),
    [other.fileId],
  );
  assert.equal((await services.metadata.findPrincipal(ann.id))?.usedBytes, "other".length);
});

test("reconciling holds every version to its object, and says nothing of one that is deleted meanwhile", async () => {
  const { machine, services, ann, fileId } = await setUp(["first", "second", "third"]);
  machine.advance(24 * 3600_000);
  await sweep(services);
  const [, second, first] = await services.metadata.listFileVersions({ fileId, limit: 10 });
  const run = async (objects = machine.objects) => {
    const findings: Finding[] = [];
    const onFinding = (finding: Finding) => findings.push(finding);
    await reconcile({ ...services, objects }, { deep: { newSha256 }, onFinding });
    return findings;
  };
  assert.deepEqual(await run(), []);
  let isDropped = false;
  const dropping = {
    ...machine.objects,
    get: async (...values: Parameters<typeof machine.objects.get>) => {
      if (!isDropped) {
        isDropped = true;
        await purgeVersion(services, ann, fileId, 1, "any");
        await sweep(services);
      }
      return machine.objects.get(...values);
    },
  };
  assert.deepEqual(await run(dropping), []);
  assert.equal(machine.objects.objects.has(first?.key ?? ""), false);
  await machine.objects.delete(second?.key ?? "");
  assert.deepEqual(
    (await run()).map((finding) => ("key" in finding ? [finding.kind, finding.key] : finding.kind)),
    [["missing", second?.key]],
  );
});

test("a quota counts every version, and what replaces is refused where there is no room", async () => {
  const machine = createOneMachine({ limits: { quotaBytes: 25 } });
  const ann = await machine.person("ann");
  const { fileId } = await send(machine, ann, "ten bytes!");
  await send(machine, ann, "ten more..", { replaces: { fileId, version: 1 } });
  await assert.rejects(
    machine.announce(ann, Buffer.from("six..."), undefined, { replaces: { fileId, version: 2 } }),
    /quota-exceeded/,
  );
  await purgeVersion(machine.services, ann, fileId, 1, "any");
  await send(machine, ann, "fifteen bytes..", { replaces: { fileId, version: 2 } });
  assert.equal((await machine.services.metadata.findPrincipal(ann.id))?.usedBytes, 25);
});
