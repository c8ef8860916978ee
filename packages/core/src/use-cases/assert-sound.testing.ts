import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { FileRecord } from "../file.ts";
import type { UploadRecord } from "../upload.ts";
import type { OneMachine } from "./one-machine.testing.ts";
import { reconcile } from "./reconcile.ts";

const newSha256 = () => {
  const hash = createHash("sha256");
  return { update: (bytes: Uint8Array) => void hash.update(bytes), digestHex: () => hash.digest("hex") };
};

/**
 * What must be true of a machine that has settled, whatever happened to it: every upload has ended and reserves nothing;
 * there is no object without a row and no row without its object; the counters are what the rows add up to; every
 * change of a state has left exactly one audit event.
 */
export async function assertSound(
  machine: OneMachine,
  owner: { readonly id: string },
  where: string,
): Promise<void> {
  const { metadata } = machine.services;
  const uploads = await metadata.listUploads({ ownerId: owner.id, limit: 200 });
  for (const { id, state } of uploads)
    assert.ok(
      state === "ready" || state === "rejected" || state === "aborted",
      `${where}: ${id} is ${state}`,
    );
  const versions = await metadata.listVersions({ limit: 1000 });
  const kept = versions.flatMap(({ key, derivatives }) => [key, ...derivatives.map((each) => each.key)]);
  assert.deepEqual([...machine.objects.objects.keys()].sort(), kept.sort(), `${where}: objects`);
  assert.equal(machine.objects.multiparts.size, 0, `${where}: multiparts`);
  assert.deepEqual(await metadata.listDoomedObjects(10), [], `${where}: doomed`);
  const principal = await metadata.findPrincipal(owner.id);
  assert.equal(principal?.reservedBytes, 0, `${where}: reserved`);
  assert.equal(principal.openUploads, 0, `${where}: open`);
  const usedBytes = versions.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  assert.equal(principal.usedBytes, usedBytes, `${where}: used`);
  const files = await metadata.findFiles(uploads.map(({ fileId }) => fileId));
  await assertAudited(machine, uploads, files, where);
  await reconcile(machine.services, {
    dryRun: true,
    deep: { newSha256 },
    onFinding: (finding) => assert.fail(`${where}: reconcile finds ${JSON.stringify(finding)}`),
  });
}

async function assertAudited(
  { services: { metadata } }: OneMachine,
  uploads: readonly UploadRecord[],
  files: readonly FileRecord[],
  where: string,
): Promise<void> {
  const events = await metadata.listAuditEvents({ afterSequence: 0, limit: 1000 });
  const count = (targetId: string, ...actions: string[]) =>
    events.filter((event) => event.targetId === targetId && actions.includes(event.action)).length;
  for (const { id, fileId, state, attempt } of uploads) {
    assert.equal(count(id, "upload.created"), 1, `${where}: created`);
    assert.equal(count(id, "upload.ready", "upload.rejected", "upload.aborted"), 1, `${where}: ended`);
    assert.equal(count(id, "upload.completed"), state === "aborted" ? 0 : 1, `${where}: completed`);
    assert.equal(count(id, "upload.claimed"), attempt, `${where}: claimed`);
    const file = files.find((each) => each.id === fileId);
    const changes = count(
      fileId,
      "file.changed",
      "file.trashed",
      "file.restored",
      "file.replaced",
      "file.conflicted",
      "file.quarantined",
      "file.released",
      "version.restored",
      "version.purged",
    );
    if (file) assert.equal(changes, file.revision - 1, `${where}: changes`);
    const isGone = state === "ready" && file === undefined;
    assert.equal(count(fileId, "file.purged"), isGone ? 1 : 0, `${where}: purged`);
  }
}
