import assert from "node:assert/strict";
import type { FileRecord, FileVersionRecord, VersionFacts } from "@stowage/core";
import { digestOf, nameOf, takenAtMsOf } from "./content.testing.ts";
import { holdLists } from "./hold-lists.testing.ts";
import type { LifecycleModel, ModelFile, ModelVersion } from "./lifecycle-model.testing.ts";
import type { LifecycleRun } from "./lifecycle-run.testing.ts";

/** Holds files, their histories and the lists that they are in to the model; and to what must be true whatever it says. */
export async function holdFiles(run: LifecycleRun): Promise<void> {
  const { machine, model } = run;
  const ids = new Set([...model.uploads.map(({ fileId }) => fileId), ...model.purged.keys()]);
  const files = await machine.metadata.findFiles([...ids]);
  assert.deepEqual(
    files.map(realFileOf).sort(byId),
    model.files.map((file) => fileOf(model, file)).sort(byId),
  );
  const versions = await findVersions(run);
  assert.deepEqual(
    versions.map(realVersionOf).sort(byNumber),
    model.files.flatMap((file) => file.versions.map((version) => versionOf(file, version))).sort(byNumber),
  );
  holdHistories(model, files, versions);
  await holdPages(run, versions);
  await holdLists(run);
}

const factsOf = (version: ModelVersion) => ({
  key: version.key,
  sizeBytes: version.content.sizeBytes,
  sha256: digestOf(version.content),
  takenAtMs: version.content.type === "image/jpeg" ? takenAtMsOf(digestOf(version.content)) : undefined,
  contentType: version.content.type,
  derivatives: version.derivatives.map(({ key }) => key),
});

const realFactsOf = (facts: VersionFacts) => ({
  key: facts.key,
  sizeBytes: facts.sizeBytes,
  sha256: facts.sha256,
  takenAtMs: facts.takenAtMs,
  contentType: facts.contentType,
  derivatives: facts.derivatives.map(({ key }) => key),
});

const fileOf = (model: LifecycleModel, file: ModelFile) => ({
  id: file.id,
  ownerId: model.ownerOf(file),
  state: file.state,
  name: file.name,
  revision: file.revision,
  version: file.current.number,
  latestVersion: file.latestVersion,
  conflicts: file.versions.filter(({ isConflict }) => isConflict).length,
  createdAtMs: file.createdAtMs,
  trashedAtMs: file.trashedAtMs,
  quarantinedFrom: file.quarantinedFrom,
  current: factsOf(file.current),
});

const realFileOf = (file: FileRecord) => ({
  id: file.id,
  ownerId: file.ownerId,
  state: file.state,
  name: file.name,
  revision: file.revision,
  version: file.version,
  latestVersion: file.latestVersion,
  conflicts: file.conflicts,
  createdAtMs: file.createdAtMs,
  trashedAtMs: file.trashedAtMs,
  quarantinedFrom: file.quarantine?.from,
  current: realFactsOf(file.current),
});

const versionOf = (file: ModelFile, version: ModelVersion) => ({
  fileId: file.id,
  version: version.number,
  state: version.isConflict ? "conflict" : version === file.current ? "current" : "superseded",
  name: nameOf(version.upload.content),
  uploadId: version.upload.id,
  createdAtMs: version.createdAtMs,
  ...factsOf(version),
});

const realVersionOf = (version: FileVersionRecord) => ({
  fileId: version.fileId,
  version: version.version,
  state: version.state,
  name: version.name,
  uploadId: version.uploadId,
  createdAtMs: version.createdAtMs,
  ...realFactsOf(version),
});

const byId = (one: { readonly id: string }, other: { readonly id: string }): number =>
  one.id < other.id ? -1 : 1;

type Numbered = Pick<FileVersionRecord, "fileId" | "version">;
const byNumber = (one: Numbered, other: Numbered): number =>
  one.fileId === other.fileId ? one.version - other.version : one.fileId < other.fileId ? -1 : 1;

const mostVersionsAtOnce = 200;

/** All that are there of the versions that ever were, those of purged files too. */
async function findVersions({ machine, model }: LifecycleRun): Promise<FileVersionRecord[]> {
  const known = [
    ...model.files.map(({ id, latestVersion }) => [id, latestVersion] as const),
    ...model.purged,
  ].flatMap(([fileId, latest]) =>
    Array.from({ length: latest + 1 }, (_, index) => ({ fileId, version: index + 1 })),
  );
  const found: FileVersionRecord[] = [];
  for (let at = 0; at < known.length; at += mostVersionsAtOnce)
    found.push(...(await machine.metadata.findFileVersions(known.slice(at, at + mostVersionsAtOnce))));
  return found;
}

interface Remembered {
  readonly latest: Map<string, number>;
  /** What each version was when it was first seen, by file and number. */
  readonly versions: Map<string, string>;
  readonly gone: Set<string>;
}

const remembered = new WeakMap<LifecycleModel, Remembered>();

/**
 * Each file has one current version; numbers grow, and none is given twice; a version stays what it was until it is gone,
 * and then does not come back.
 */
function holdHistories(
  model: LifecycleModel,
  files: readonly FileRecord[],
  versions: readonly FileVersionRecord[],
): void {
  const memory = remembered.get(model) ?? { latest: new Map(), versions: new Map(), gone: new Set() };
  remembered.set(model, memory);
  for (const file of files) {
    const own = versions.filter(({ fileId }) => fileId === file.id);
    const current = own.filter(({ state }) => state === "current");
    assert.deepEqual(
      current.map(({ version }) => version),
      [file.version],
      `what is current of ${file.id}`,
    );
    assert.deepEqual(current.map(realFactsOf), [realFactsOf(file.current)]);
    assert.equal(own.filter(({ state }) => state === "conflict").length, file.conflicts);
    assert.ok(own.every(({ version }) => version <= file.latestVersion));
    const before = memory.latest.get(file.id) ?? 0;
    assert.ok(file.latestVersion >= before, `${file.id} had ${before} versions, and ${file.latestVersion}`);
    memory.latest.set(file.id, file.latestVersion);
  }
  const there = new Set<string>();
  for (const version of versions) {
    const name = `version ${version.version} of ${version.fileId}`;
    const is = `${version.uploadId} ${version.key} ${version.sha256} ${version.createdAtMs}`;
    assert.equal(is, memory.versions.get(name) ?? is, `${name} is another one`);
    assert.ok(!memory.gone.has(name), `${name} came back`);
    memory.versions.set(name, is);
    there.add(name);
  }
  for (const name of memory.versions.keys()) if (!there.has(name)) memory.gone.add(name);
}

/** A history of one file after the other, by its pages. */
async function holdPages(
  { machine: { metadata }, model, stepsTaken }: LifecycleRun,
  versions: readonly FileVersionRecord[],
): Promise<void> {
  const file = model.files[stepsTaken % Math.max(1, model.files.length)];
  if (!file) return;
  const listed: FileVersionRecord[] = [];
  for (;;) {
    const after = listed.at(-1)?.version;
    const page = await metadata.listFileVersions({
      fileId: file.id,
      limit: 2,
      ...(after === undefined ? {} : { after }),
    });
    listed.push(...page);
    if (page.length < 2) break;
  }
  const own = versions.filter(({ fileId }) => fileId === file.id).sort(byNumber);
  assert.deepEqual(listed, own.reverse(), `the history of ${file.id}`);
}
