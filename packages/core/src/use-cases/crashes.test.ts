import assert from "node:assert/strict";
import { test } from "node:test";
import { multipartKey } from "../keys.ts";
import type { Inspection } from "../ports/inspector.ts";
import type { PresignedRequest } from "../ports/object-store.ts";
import { RefusedError } from "../refusal.ts";
import { abortUpload } from "./abort-upload.ts";
import { assertSound } from "./assert-sound.testing.ts";
import { changeFile } from "./change-file.ts";
import { completeUpload } from "./complete-upload.ts";
import { createUploads } from "./create-uploads.ts";
import { dayMs, dieEverywhere, minuteMs, type Step } from "./die-everywhere.testing.ts";
import { handleStoreEvents } from "./handle-store-events.ts";
import { mintDownloads } from "./mint-downloads.ts";
import { leaseMs, type OneMachine, sha256Of } from "./one-machine.testing.ts";
import { processUpload } from "./process-upload.ts";
import { purgeFile } from "./purge-file.ts";
import { purgeVersion } from "./purge-version.ts";
import { reconcile } from "./reconcile.ts";
import { remintUpload } from "./remint-upload.ts";
import { restoreFile } from "./restore-file.ts";
import { restoreVersion } from "./restore-version.ts";
import { sweep } from "./sweep.ts";
import { trashFile } from "./trash-file.ts";

const photo = Buffer.from("a photograph");

/** A person, and what they have. */
interface Subject {
  readonly ann: { readonly id: string };
  readonly id: string;
  readonly fileId: string;
  readonly request: PresignedRequest;
}

async function announce(machine: OneMachine): Promise<Subject> {
  const ann = await machine.person("ann");
  return { ann, ...(await machine.announce(ann, photo)) };
}

async function arrive(machine: OneMachine): Promise<Subject> {
  const subject = await announce(machine);
  assert.equal(await machine.objects.receive(subject.request, photo), 200);
  return subject;
}

async function acknowledge(machine: OneMachine): Promise<Subject> {
  const subject = await arrive(machine);
  await completeUpload(machine.services, subject.ann, subject.id);
  return subject;
}

async function own(machine: OneMachine): Promise<Subject> {
  const subject = await acknowledge(machine);
  assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "ready");
  return subject;
}

async function trash(machine: OneMachine): Promise<Subject> {
  const subject = await own(machine);
  await trashFile(machine.services, subject.ann, subject.fileId, "any");
  return subject;
}

const send: Step<Subject> = async (_, machine, { request }) => {
  await machine.objects.receive(request, photo);
};

const complete: Step<Subject> = async ({ services }, _, { ann, id }) => {
  await completeUpload(services, ann, id);
};

const verify: Step<Subject> = async ({ worker }) => {
  const upload = await worker.metadata.claimUpload({ leaseMs });
  if (upload) await processUpload(worker, upload);
};

const sweepOnce: Step<Subject> = async ({ services }) => {
  await sweep(services);
};

/** A command whose answer was lost has happened: the client asks, and does not do it again. */
const unlessDone =
  (step: Step<Subject>, ...codes: readonly string[]): Step<Subject> =>
  async (...values) => {
    try {
      await step(...values);
    } catch (error) {
      if (!(error instanceof RefusedError && codes.includes(error.code))) throw error;
    }
  };

const stateIs =
  (...states: readonly string[]) =>
  async (machine: OneMachine, { ann, id }: Subject, where: string): Promise<void> => {
    await assertSound(machine, ann, where);
    const state = (await machine.services.metadata.findUpload(id))?.state ?? "missing";
    assert.ok(states.includes(state), `${where}: ${state}`);
  };

/** The file in a state, and whether it is given out. */
const fileIs =
  (state: string, revision?: number) =>
  async (machine: OneMachine, { ann, fileId }: Subject, where: string): Promise<void> => {
    await assertSound(machine, ann, where);
    const file = await machine.services.metadata.findFile(fileId);
    assert.equal(file?.state ?? "purged", state, where);
    if (revision !== undefined) assert.equal(file?.revision, revision, where);
    const [download] = await mintDownloads(machine.services, ann, [{ id: fileId }]);
    assert.equal(download !== undefined && "request" in download, state === "ready", where);
    if (download && "request" in download) {
      const { bytes } = await machine.objects.fetchBytes(download.request);
      assert.deepEqual(Buffer.from(bytes), photo, where);
    }
  };

test("wherever a process dies from create to ready, a client with a ref has its file once", async () => {
  interface Client {
    readonly ann: { readonly id: string };
    request?: PresignedRequest | undefined;
    id: string;
    fileId: string;
  }
  const create: Step<Client> = async ({ services }, _, client) => {
    const [answer] = await createUploads(services, client.ann, [
      {
        ref: "one",
        name: "photo.jpg",
        sizeBytes: photo.byteLength,
        contentType: "image/jpeg",
        sha256: sha256Of(photo),
      },
    ]);
    assert.ok(answer && "upload" in answer);
    client.request = answer.request;
    client.id = answer.upload.id;
    client.fileId = answer.upload.fileId;
  };
  const put: Step<Client> = async (_, machine, { request }) => {
    assert.ok(request);
    assert.equal(await machine.objects.receive(request, photo), 200);
  };
  await dieEverywhere<Client>("life", {
    prepare: async (machine) => ({ ann: await machine.person("ann"), id: "", fileId: "" }),
    steps: [
      create,
      put,
      async ({ services }, _, { ann, id }) => {
        await completeUpload(services, ann, id);
      },
      async ({ worker }) => {
        const upload = await worker.metadata.claimUpload({ leaseMs });
        if (upload) await processUpload(worker, upload);
      },
    ],
    check: async (machine, { ann, fileId }, where) => {
      await assertSound(machine, ann, where);
      assert.equal((await machine.services.metadata.findFile(fileId))?.state, "ready", where);
      const uploads = await machine.services.metadata.listUploads({ ownerId: ann.id, limit: 10 });
      assert.equal(uploads.length, 1, where);
    },
  });
});

test("wherever a create without a ref dies, what nobody knows of runs out", async () => {
  const create: Step<Subject> = async ({ services }, _, { ann }) => {
    await createUploads(services, ann, [
      { name: "photo.jpg", sizeBytes: 5, contentType: "image/jpeg", sha256: sha256Of(Buffer.from("other")) },
    ]);
  };
  await dieEverywhere("create", { prepare: own, steps: [create], check: fileIs("ready") });
});

test("wherever a remint dies, the bytes arrive by whatever request its client has", async () => {
  const remint: Step<Subject> = async ({ services }, _, { ann, id }) => {
    await remintUpload(services, ann, id);
  };
  await dieEverywhere("remint", {
    prepare: announce,
    steps: [remint, send, complete, verify],
    check: fileIs("ready"),
  });
});

test("wherever a completion dies, and its client with it, the sweeper makes up for it", async () => {
  const once: Step<Subject> = async (process, machine, subject) => {
    if ((await machine.services.metadata.findUpload(subject.id))?.state !== "pending") return;
    await complete(process, machine, subject);
  };
  const later: Step<Subject> = async ({ services }, machine) => {
    machine.advance(15 * minuteMs);
    await sweep(services);
  };
  await dieEverywhere("complete", {
    prepare: arrive,
    steps: [once, later, verify],
    check: fileIs("ready"),
  });
});

test("wherever the store's events are cut off, what they tell of becomes a file", async () => {
  const tell: Step<Subject> = async ({ services }, _, { id }) => {
    const key = (await services.metadata.findUpload(id))?.landingKey ?? "";
    const event = { eventName: "ObjectCreated:Put", s3: { bucket: { name: "b" }, object: { key } } };
    await handleStoreEvents(services, "b", [event]);
  };
  await dieEverywhere("events", { prepare: arrive, steps: [tell, verify], check: fileIs("ready") });
});

test("wherever a process dies while it aborts, nothing is left and nothing stays reserved", async () => {
  const abort: Step<Subject> = async ({ services }, _, { ann, id }) => {
    await abortUpload(services, ann, id);
  };
  await dieEverywhere("abort", { prepare: announce, steps: [abort, send], check: stateIs("aborted") });
  await dieEverywhere("abort", { prepare: arrive, steps: [abort], check: stateIs("aborted") });
});

test("wherever a worker dies, what was acknowledged is ready, from the copy of one attempt", async () => {
  await dieEverywhere("verify", { prepare: acknowledge, steps: [verify, verify], check: fileIs("ready") });
});

test("wherever a worker dies over a file that is turned down, it is rejected and nothing of it is left", async () => {
  const turnDown: Step<Subject> = async ({ worker }, machine) => {
    const upload = await worker.metadata.claimUpload({ leaseMs });
    const answer: Inspection = { verdict: "rejected", code: "corrupt", detail: "" };
    machine.inspectNext(() => answer);
    if (upload) await processUpload(worker, upload);
  };
  await dieEverywhere("reject", {
    prepare: acknowledge,
    steps: [turnDown, verify],
    check: stateIs("rejected"),
  });
});

test("wherever a worker dies over a file that fells it, five times, it is given up", async () => {
  const fall: Step<Subject> = async ({ worker }, machine) => {
    for (let tries = 0; tries < 8; tries += 1) {
      machine.advance(2 * minuteMs);
      machine.inspectNext(() => {
        throw new Error("The decoder fell over.");
      });
      const upload = await worker.metadata.claimUpload({ leaseMs });
      if (upload) await processUpload(worker, upload);
    }
  };
  await dieEverywhere("exhaust", { prepare: acknowledge, steps: [fall], check: stateIs("rejected") });
});

test("wherever the sweeper dies, all that it had to do is done: bytes unsaid, what ran out, what is held, trash, dooms", async () => {
  const prepare = async (machine: OneMachine): Promise<Subject> => {
    const subject = await trash(machine);
    machine.advance(31 * dayMs);
    const { ann } = subject;
    // One that ran out, one whose abort died before it was closed, one that arrived unsaid.
    await machine.announce(ann, Buffer.from("never sent"));
    const held = await machine.announce(ann, Buffer.from("held"));
    await machine.services.metadata.abortUpload({ uploadId: held.id, actor: "system", detail: "" });
    machine.advance(7 * dayMs);
    const unsaid = await machine.announce(ann, photo);
    assert.equal(await machine.objects.receive(unsaid.request, photo), 200);
    machine.advance(15 * minuteMs);
    return { ...subject, ...unsaid };
  };
  await dieEverywhere("sweep", { prepare, steps: [sweepOnce, verify], check: fileIs("ready") });
});

test("wherever reconciling dies, the next pass removes the litter and sets the counters right", async () => {
  const prepare = async (machine: OneMachine): Promise<Subject> => {
    const subject = await own(machine);
    const prefix = "files/stray";
    const stray = (key: string) =>
      machine.objects.put({ key, body: photo, contentType: "image/jpeg", sha256: sha256Of(photo) });
    await stray(`${prefix}/1/original`);
    await stray("uploads/stray");
    await machine.objects.createMultipartUpload({
      key: multipartKey({ storagePrefix: prefix }),
      contentType: "video/mp4",
    });
    machine.advance(2 * dayMs);
    return subject;
  };
  const reconcileOnce: Step<Subject> = async ({ services }) => {
    await reconcile(services, { onFinding: () => undefined });
  };
  await dieEverywhere("reconcile", { prepare, steps: [reconcileOnce], check: fileIs("ready") });
});

/** A file, and uploads that are to replace its first version, whose bytes have arrived. */
async function replacing(machine: OneMachine, texts: readonly string[]): Promise<Subject> {
  const subject = await own(machine);
  const replaces = { fileId: subject.fileId, version: 1 };
  for (const text of texts) {
    const bytes = Buffer.from(text);
    const { id, request } = await machine.announce(subject.ann, bytes, undefined, { replaces });
    assert.equal(await machine.objects.receive(request, bytes), 200);
    await completeUpload(machine.services, subject.ann, id);
  }
  return subject;
}

/** The states of a file's versions, and that each is given out as it was sent. */
const historyIs =
  (states: string, texts: readonly string[]) =>
  async (machine: OneMachine, { ann, fileId }: Subject, where: string): Promise<void> => {
    await assertSound(machine, ann, where);
    const history = await machine.services.metadata.listFileVersions({ fileId, limit: 10 });
    assert.equal(history.map(({ version, state }) => `${version} ${state}`).join(", "), states, where);
    const digests = history.map(({ sha256 }) => sha256);
    for (const text of [photo.toString(), ...texts])
      assert.ok(digests.includes(sha256Of(Buffer.from(text))), `${where}: ${text} is kept`);
  };

test("wherever a worker dies over two that replace the same version, one is current and the other kept, once each", async () => {
  const texts = ["mine", "theirs"];
  await dieEverywhere("replace", {
    prepare: (machine) => replacing(machine, texts),
    steps: [verify, verify, verify],
    check: historyIs("3 conflict, 2 current, 1 superseded", texts),
  });
});

test("wherever a worker dies over what replaces a file that is purged meanwhile, the bytes are kept", async () => {
  await dieEverywhere("replace purged", {
    prepare: async (machine) => {
      const subject = await replacing(machine, ["mine"]);
      await purgeFile(machine.services, subject.ann, subject.fileId, "any");
      return subject;
    },
    steps: [verify, verify],
    check: async (machine, { ann }, where) => {
      await assertSound(machine, ann, where);
      const files = await machine.services.metadata.listFiles({
        ownerId: ann.id,
        list: { by: "created" },
        limit: 10,
      });
      assert.deepEqual(
        files.map(({ current }) => current.sha256),
        [sha256Of(Buffer.from("mine"))],
        where,
      );
    },
  });
});

test("wherever a restoring or deleting of a version dies, it has happened once or can be made again", async () => {
  const prepare = async (machine: OneMachine): Promise<Subject> => {
    const subject = await replacing(machine, ["mine", "theirs"]);
    for (let count = 0; count < 2; count += 1) await processUpload(machine.worker, await machine.claim());
    return subject;
  };
  const choose: Step<Subject> = async ({ services }, _, { ann, fileId }) => {
    await restoreVersion(services, ann, fileId, 3, 3);
  };
  const drop: Step<Subject> = async ({ services }, _, { ann, fileId }) => {
    await purgeVersion(services, ann, fileId, 3, 3);
  };
  await dieEverywhere("restore version", {
    prepare,
    steps: [unlessDone(choose, "precondition-failed")],
    check: historyIs("3 current, 2 superseded, 1 superseded", ["mine", "theirs"]),
  });
  await dieEverywhere("purge version", {
    prepare,
    steps: [unlessDone(drop, "precondition-failed", "not-found")],
    check: historyIs("2 current, 1 superseded", ["mine"]),
  });
});

test("wherever a change of a file dies, it has happened once or can be made again", async () => {
  const ifMatch: readonly [
    string,
    (machine: OneMachine) => Promise<Subject>,
    Step<Subject>,
    string,
    number?,
  ][] = [
    [
      "change",
      own,
      async ({ services }, _, { ann, fileId }) => {
        await changeFile(services, ann, fileId, 1, { name: "other.jpg" });
      },
      "ready",
      2,
    ],
    [
      "trash",
      own,
      async ({ services }, _, { ann, fileId }) => {
        await trashFile(services, ann, fileId, 1);
      },
      "trashed",
      2,
    ],
    [
      "restore",
      trash,
      async ({ services }, _, { ann, fileId }) => {
        await restoreFile(services, ann, fileId, 2);
      },
      "ready",
      3,
    ],
    [
      "purge",
      own,
      async ({ services }, _, { ann, fileId }) => {
        await purgeFile(services, ann, fileId, 1);
      },
      "purged",
    ],
    [
      "purge trash",
      trash,
      async ({ services }, _, { ann, fileId }) => {
        await purgeFile(services, ann, fileId, "any");
      },
      "purged",
    ],
  ];
  for (const [name, prepare, step, state, revision] of ifMatch)
    await dieEverywhere(name, {
      prepare,
      steps: [unlessDone(step, "precondition-failed", "not-found", "file-not-trashed")],
      check: fileIs(state, revision),
    });
});
