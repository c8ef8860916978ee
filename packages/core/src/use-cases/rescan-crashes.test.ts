import assert from "node:assert/strict";
import { test } from "node:test";
import { createMemoryScanner } from "../testing/memory-scanner.ts";
import { assertSound } from "./assert-sound.testing.ts";
import { completeUpload } from "./complete-upload.ts";
import { dieEverywhere, type Step } from "./die-everywhere.testing.ts";
import { mintDownloads } from "./mint-downloads.ts";
import type { OneMachine } from "./one-machine.testing.ts";
import { processUpload } from "./process-upload.ts";
import { rescan } from "./rescan.ts";
import { trashFile } from "./trash-file.ts";

/** A person's ready file and one in the trash, both of which new signatures know. */
interface Subject {
  readonly ann: { readonly id: string };
  readonly ready: string;
  readonly trashed: string;
}

async function own(machine: OneMachine, ann: { readonly id: string }, text: string): Promise<string> {
  const bytes = Buffer.from(text);
  const { id, fileId, request } = await machine.announce(ann, bytes);
  await machine.objects.receive(request, bytes);
  await completeUpload(machine.services, ann, id);
  await processUpload(machine.worker, await machine.claim());
  return fileId;
}

async function ownTwo(machine: OneMachine): Promise<Subject> {
  const ann = await machine.person("ann");
  const ready = await own(machine, ann, "one that is new bad");
  const trashed = await own(machine, ann, "another that is new bad");
  await trashFile(machine.services, ann, trashed, "any");
  return { ann, ready, trashed };
}

const rescanWith =
  (signatures: Readonly<Record<string, string>>, releases = false): Step<Subject> =>
  async ({ services: { metadata, objects } }) => {
    const scanner = createMemoryScanner();
    for (const [name, text] of Object.entries(signatures)) scanner.signatures.set(name, text);
    await rescan({ metadata, objects, scanner }, { releases, parallel: 1, onFinding: () => undefined });
  };

const find = rescanWith({ "New.Bad-1": "new bad" });
const release = rescanWith({}, true);

const are =
  (readyIs: string, trashedIs: string, changes: number) =>
  async (machine: OneMachine, { ann, ready, trashed }: Subject, where: string): Promise<void> => {
    await assertSound(machine, ann, where);
    const { metadata } = machine.services;
    const file = await metadata.findFile(ready);
    const other = await metadata.findFile(trashed);
    assert.deepEqual([file?.state, other?.state], [readyIs, trashedIs], where);
    assert.equal(file?.revision, 1 + changes, where);
    const [download] = await mintDownloads(machine.services, ann, [{ id: ready }]);
    assert.equal(download !== undefined && "request" in download, readyIs === "ready", where);
  };

test("wherever a rescan dies, the next one has each file quarantined once, and no trash is purged that may be a mistake", async () => {
  await dieEverywhere("rescan", {
    prepare: ownTwo,
    steps: [find],
    check: are("quarantined", "quarantined", 1),
  });
});

test("wherever a release dies, the next one has each file back where it was, once", async () => {
  await dieEverywhere("release", {
    prepare: async (machine) => {
      const subject = await ownTwo(machine);
      await find({ ...machine, calls: { count: 0 } }, machine, subject);
      return subject;
    },
    steps: [release],
    check: are("ready", "trashed", 2),
  });
});
