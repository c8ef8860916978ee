import assert from "node:assert/strict";
import { test } from "node:test";
import { askArchive } from "./ask-archive.ts";
import { assertSound } from "./assert-sound.testing.ts";
import { completeUpload } from "./complete-upload.ts";
import { dieEverywhere } from "./die-everywhere.testing.ts";
import { getArchive } from "./get-archive.ts";
import { makeArchive } from "./make-archive.ts";
import { leaseMs, type OneMachine } from "./one-machine.testing.ts";
import { processUpload } from "./process-upload.ts";

interface Subject {
  readonly ann: { readonly id: string };
  readonly archiveId: string;
}

async function asked(machine: OneMachine): Promise<Subject> {
  const ann = await machine.person("ann");
  const bytes = Buffer.from("a photograph");
  const { id, fileId, request } = await machine.announce(ann, bytes);
  await machine.objects.receive(request, bytes);
  await completeUpload(machine.services, ann, id);
  await processUpload(machine.worker, await machine.claim());
  const { id: archiveId } = await askArchive(machine.services, ann, { kind: "files", fileIds: [fileId] });
  return { ann, archiveId };
}

test("wherever a worker dies while it makes an archive, the next one makes it, and nothing is left of it after its end", async () => {
  await dieEverywhere<Subject>("archive", {
    prepare: asked,
    steps: [
      async ({ worker: { metadata, objects } }, machine) => {
        const task = await metadata.claimArchive({ leaseMs });
        if (task) await makeArchive({ ...machine.packer, metadata, objects }, task);
      },
      async (_, machine, { ann, archiveId }) => {
        const { requests } = await getArchive(machine.services, ann, archiveId);
        assert.equal(requests.length, 1);
        for (const request of requests) assert.equal((await machine.objects.fetchBytes(request)).status, 200);
      },
    ],
    check: async (machine, { ann, archiveId }, where) => {
      await assertSound(machine, ann, where);
      assert.equal(await machine.services.metadata.findArchive(archiveId), undefined, where);
    },
  });
});
