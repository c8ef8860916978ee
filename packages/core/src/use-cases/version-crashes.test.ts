import assert from "node:assert/strict";
import { test } from "node:test";
import type { PresignedRequest } from "../ports/object-store.ts";
import { RefusedError } from "../refusal.ts";
import { assertSound } from "./assert-sound.testing.ts";
import { completeUpload } from "./complete-upload.ts";
import { createUploads } from "./create-uploads.ts";
import { dieEverywhere, type Step } from "./die-everywhere.testing.ts";
import { mintDownloads } from "./mint-downloads.ts";
import { leaseMs, type OneMachine, sha256Of } from "./one-machine.testing.ts";
import { processUpload } from "./process-upload.ts";
import { purgeFile } from "./purge-file.ts";
import { purgeVersion } from "./purge-version.ts";
import { restoreVersion } from "./restore-version.ts";

const first = Buffer.from("as it was");
const second = Buffer.from("as it is now");
const third = Buffer.from("as somebody else has it");

/** A person's file, and the upload that is to take the place of one of its versions. */
interface Subject {
  readonly ann: { readonly id: string };
  readonly fileId: string;
  id: string;
  request: PresignedRequest | undefined;
}

const verify: Step<Subject> = async ({ worker }) => {
  const upload = await worker.metadata.claimUpload({ leaseMs });
  if (upload) await processUpload(worker, upload);
};

const create =
  (bytes: Buffer, version: number): Step<Subject> =>
  async ({ services }, _, subject) => {
    const { ann, fileId } = subject;
    const intent = { name: "photo.jpg", sizeBytes: bytes.byteLength, contentType: "image/jpeg" };
    const [answer] = await createUploads(services, ann, [
      { ...intent, ref: sha256Of(bytes), sha256: sha256Of(bytes), replaces: { fileId, version } },
    ]);
    assert.ok(answer && "upload" in answer, JSON.stringify(answer));
    subject.id = answer.upload.id;
    subject.request = answer.request;
  };

const put =
  (bytes: Buffer): Step<Subject> =>
  async (_, machine, { request }) => {
    assert.ok(request);
    assert.equal(await machine.objects.receive(request, bytes), 200);
  };

const complete: Step<Subject> = async ({ services }, _, { ann, id }) => {
  await completeUpload(services, ann, id);
};

const replace = (bytes: Buffer, version: number): readonly Step<Subject>[] => [
  create(bytes, version),
  put(bytes),
  complete,
  verify,
];

async function own(machine: OneMachine): Promise<Subject> {
  const ann = await machine.person("ann");
  const { id, fileId, request } = await machine.announce(ann, first);
  await machine.objects.receive(request, first);
  await completeUpload(machine.services, ann, id);
  await processUpload(machine.worker, await machine.claim());
  return { ann, fileId, id, request };
}

async function ownTwo(machine: OneMachine): Promise<Subject> {
  const subject = await own(machine);
  for (const step of replace(second, 1)) await step({ ...machine, calls: { count: 0 } }, machine, subject);
  return subject;
}

/** The versions that are there, the newest first, each by its bytes; and the number of the current one. */
const holds =
  (versions: readonly Buffer[], current: number) =>
  async (machine: OneMachine, { ann, fileId }: Subject, where: string): Promise<void> => {
    await assertSound(machine, ann, where);
    const { metadata } = machine.services;
    assert.equal((await metadata.findFile(fileId))?.version, current, where);
    const rows = await metadata.listFileVersions({ fileId, limit: 10 });
    const downloads = await mintDownloads(
      machine.services,
      ann,
      rows.map(({ version }) => ({ id: fileId, version })),
    );
    const bytes = await Promise.all(
      downloads.map(async (download) => {
        assert.ok("request" in download, where);
        return Buffer.from((await machine.objects.fetchBytes(download.request)).bytes).toString();
      }),
    );
    assert.deepEqual(
      bytes,
      versions.map((version) => version.toString()),
      where,
    );
  };

const unlessDone =
  (step: Step<Subject>): Step<Subject> =>
  async (...values) => {
    try {
      await step(...values);
    } catch (error) {
      const isDone =
        error instanceof RefusedError && ["precondition-failed", "not-found"].includes(error.code);
      if (!isDone) throw error;
    }
  };

test("wherever a process dies while a file is replaced, the new version comes once and the old one stays in history", async () => {
  await dieEverywhere("replace", {
    prepare: own,
    steps: replace(second, 1),
    check: holds([second, first], 2),
  });
});

test("wherever a process dies while what was replaced already is replaced, the bytes are a conflict, once", async () => {
  await dieEverywhere("conflict", {
    prepare: ownTwo,
    steps: replace(third, 1),
    check: holds([third, second, first], 2),
  });
});

test("wherever a worker dies over bytes whose file was purged meanwhile, they are a file of their own", async () => {
  const prepare = async (machine: OneMachine): Promise<Subject> => {
    const subject = await own(machine);
    const alive = { ...machine, calls: { count: 0 } };
    for (const step of [create(second, 1), put(second), complete]) await step(alive, machine, subject);
    await purgeFile(machine.services, subject.ann, subject.fileId, "any");
    return subject;
  };
  await dieEverywhere("orphaned", {
    prepare,
    steps: [verify, verify],
    check: async (machine, { ann, id, fileId }, where) => {
      await assertSound(machine, ann, where);
      assert.equal(await machine.services.metadata.findFile(fileId), undefined, where);
      const upload = await machine.services.metadata.findUpload(id);
      assert.equal(upload?.state, "ready", where);
      const file = await machine.services.metadata.findFile(upload.fileId);
      assert.equal(file?.current.sha256, sha256Of(second), where);
    },
  });
});

test("wherever a version's return dies, it has happened once or can be asked for again", async () => {
  const restore: Step<Subject> = async ({ services }, _, { ann, fileId }) => {
    await restoreVersion(services, ann, fileId, 1, 2);
  };
  await dieEverywhere("restore version", {
    prepare: ownTwo,
    steps: [unlessDone(restore)],
    check: async (machine, subject, where) => {
      await holds([second, first], 1)(machine, subject, where);
      assert.equal((await machine.services.metadata.findFile(subject.fileId))?.revision, 3, where);
    },
  });
});

test("wherever a version's deletion dies, its bytes go and the current ones stay", async () => {
  const purge: Step<Subject> = async ({ services }, _, { ann, fileId }) => {
    await purgeVersion(services, ann, fileId, 1, 2);
  };
  await dieEverywhere("purge version", {
    prepare: ownTwo,
    steps: [unlessDone(purge)],
    check: holds([second], 2),
  });
});
