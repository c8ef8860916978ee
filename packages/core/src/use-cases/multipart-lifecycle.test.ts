import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type ObjectStore, StoreUnavailableError } from "../ports/object-store.ts";
import { RefusedError } from "../refusal.ts";
import type { UploadRecord } from "../upload.ts";
import { abortUpload } from "./abort-upload.ts";
import { completeUpload } from "./complete-upload.ts";
import { createUploads } from "./create-uploads.ts";
import { handleStoreEvents } from "./handle-store-events.ts";
import { listParts } from "./list-parts.ts";
import { mintParts } from "./mint-parts.ts";
import { createOneMachine, type OneMachine, sha256Of } from "./one-machine.testing.ts";
import { processUpload } from "./process-upload.ts";
import { remintUpload } from "./remint-upload.ts";
import { sweep } from "./sweep.ts";
import { sweepMultiparts } from "./sweep-multiparts.ts";
import { sweepOrphans } from "./sweep-orphans.ts";
import { turnMultipart } from "./turn-multipart.ts";

const film = Buffer.from("twenty-five bytes of film");
const partSizeBytes = 10;
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

const refusedWith = (code: string, missingParts?: readonly number[]) => (error: unknown) => {
  assert.ok(error instanceof RefusedError && error.code === code, String(error));
  if (missingParts) assert.deepEqual(error.refusal.missingParts, missingParts);
  return true;
};

const partOf = (partNumber: number, bytes: Uint8Array = film): Uint8Array =>
  bytes.subarray((partNumber - 1) * partSizeBytes, partNumber * partSizeBytes);

async function begin(machine: OneMachine, bytes: Uint8Array = film) {
  const person = await machine.person("ann");
  const upload = await machine.announceInParts(person, bytes, partSizeBytes);
  return { person, upload };
}

/** Mints and sends one part; `sent` are other bytes than declared. */
async function sendPart(
  machine: OneMachine,
  { id }: UploadRecord,
  partNumber: number,
  bytes = partOf(partNumber),
  sent = bytes,
): Promise<number> {
  const declared = [{ partNumber, sha256: sha256Of(bytes) }];
  const person = await machine.person("ann");
  const { requests } = await mintParts(machine.services, person, id, declared);
  const [request] = requests ?? [];
  assert.ok(request);
  assert.equal(request.partNumber, partNumber);
  return machine.objects.receive(request, sent);
}

const reservedOf = async (machine: OneMachine, { ownerId }: UploadRecord) =>
  (await machine.services.metadata.findPrincipal(ownerId))?.reservedBytes;

test("what is above the single-PUT limit goes in parts, hashed or not; what is not needs its digest", async () => {
  const machine = createOneMachine();
  const person = await machine.person("ann");
  const video = { name: "film.mp4", contentType: "video/mp4" };
  const sha256 = sha256Of(film);
  const answers = await createUploads(machine.services, person, [
    { ...video, sizeBytes: 20_000_000, sha256 },
    { ...video, sizeBytes: 20_000_000 },
    { ...video, sizeBytes: 20_000_001 },
    { ...video, sizeBytes: 2_000_000_000, sha256 },
    { ...video, sizeBytes: 2_000_000_001 },
    { ...video, sizeBytes: 20_000_001, contentType: "image/png" },
  ]);
  assert.deepEqual(
    answers.map((answer) =>
      "refusal" in answer
        ? answer.refusal.code
        : [answer.request !== undefined, answer.upload.multipart, answer.upload.sha256],
    ),
    [
      [true, undefined, sha256],
      "validation-failed",
      [false, { partSizeBytes: 8 * 1024 * 1024 }, undefined],
      [false, { partSizeBytes: 8 * 1024 * 1024 }, sha256],
      "file-too-large",
      "file-too-large",
    ],
  );
  assert.equal(machine.objects.multiparts.size, 0, "a create calls no store");
});

test("the first parts that are asked for begin the upload in the store, once, under the key in its row", async () => {
  const machine = createOneMachine();
  const { person, upload } = await begin(machine);
  const parts = [{ partNumber: 1, sha256: sha256Of(partOf(1)) }];
  const minted = await Promise.all(
    Array.from({ length: 8 }, () => mintParts(machine.services, person, upload.id, parts)),
  );
  assert.equal(new Set(minted.map(({ requests }) => requests?.[0]?.url)).size, 1);
  assert.deepEqual(
    [...machine.objects.multiparts.values()].map(({ key }) => key),
    [upload.landingKey],
  );
  assert.equal(upload.landingKey, `${upload.storagePrefix}/0/original`);
});

test("parts are listed with the digest that the store checked, or that was declared last", async () => {
  for (const enforcesChecksum of [true, false]) {
    const machine = createOneMachine({ capabilities: { enforcesChecksum } });
    const { person, upload } = await begin(machine);
    assert.deepEqual(await listParts(machine.services, person, upload.id), []);
    await sendPart(machine, upload, 3);
    await sendPart(machine, upload, 1);
    const listed = await listParts(machine.services, person, upload.id);
    assert.deepEqual(
      listed.map(({ partNumber, sizeBytes, sha256 }) => [partNumber, sizeBytes, sha256]),
      [
        [1, 10, sha256Of(partOf(1))],
        [3, 5, sha256Of(partOf(3))],
      ],
    );
  }
});

test("complete names the parts that are missing, and those that are not as they were declared last", async () => {
  const machine = createOneMachine();
  const { person, upload } = await begin(machine);
  const complete = () => completeUpload(machine.services, person, upload.id);
  await assert.rejects(complete(), refusedWith("parts-missing", [1, 2, 3]));
  await sendPart(machine, upload, 2);
  await assert.rejects(complete(), refusedWith("parts-missing", [1, 3]));
  await sendPart(machine, upload, 1, Buffer.from("first try."));
  await sendPart(machine, upload, 3);
  assert.equal(await sendPart(machine, upload, 1, partOf(1), Buffer.from("wrong one.")), 400);
  await assert.rejects(complete(), refusedWith("parts-missing", [1]));
  await sendPart(machine, upload, 1);
  assert.equal((await complete()).state, "uploaded");
  assert.equal(machine.wakes.count, 1);
  assert.equal((await complete()).state, "uploaded");
  assert.equal(machine.wakes.count, 1);
});

test("a multipart is verified and served where it is, without a copy, with its computed digest", async () => {
  const machine = createOneMachine();
  const { person, upload } = await begin(machine);
  for (const partNumber of [2, 3, 1]) await sendPart(machine, upload, partNumber);
  await completeUpload(machine.services, person, upload.id);
  const outcome = await processUpload(machine.worker, await machine.claim());
  assert.equal(outcome.outcome, "ready");
  const file = await machine.services.metadata.findFile(upload.fileId);
  assert.equal(file?.current.key, upload.landingKey);
  assert.equal(file.current.sha256, sha256Of(film));
  assert.equal((await machine.services.metadata.findUpload(upload.id))?.sha256, sha256Of(film));
  machine.advance(2 * dayMs);
  await sweep(machine.services);
  await sweepOrphans(machine.services);
  assert.ok(machine.objects.objects.has(upload.landingKey), "what is served is no landing object any more");
  await machine.services.metadata.purgeFile({ fileId: file.id, revision: 1, actor: "system" });
  await sweep(machine.services);
  assert.equal(machine.objects.objects.size, 0);
});

test("a store that checks nothing passes wrong bytes on to be rejected, by part or by whole, and they are deleted", async () => {
  const wrong = Buffer.from("other data");
  for (const sha256 of [undefined, sha256Of(film)]) {
    const machine = createOneMachine({ capabilities: { enforcesChecksum: false } });
    const { person, upload } = await begin(machine);
    await sendPart(machine, upload, 1);
    assert.equal(await sendPart(machine, upload, 2, partOf(2), wrong), 200);
    await sendPart(machine, upload, 3);
    await completeUpload(machine.services, person, upload.id, sha256);
    assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "rejected");
    const rejected = await machine.services.metadata.findUpload(upload.id);
    assert.equal(rejected?.rejection?.code, "checksum-mismatch");
    await sweep(machine.services);
    assert.equal(machine.objects.objects.size, 0);
    assert.equal(await reservedOf(machine, upload), 0);
  }
});

test("a digest that contradicts the one declared is refused, before and after the end", async () => {
  const machine = createOneMachine();
  const { person, upload } = await begin(machine);
  for (const partNumber of [1, 2, 3]) await sendPart(machine, upload, partNumber);
  const complete = (sha256: string) => completeUpload(machine.services, person, upload.id, sha256);
  assert.equal((await complete(sha256Of(film))).sha256, sha256Of(film));
  await assert.rejects(complete(sha256Of(partOf(1))), refusedWith("sha256-conflict"));
  await processUpload(machine.worker, await machine.claim());
  assert.equal((await complete(sha256Of(film))).state, "ready");
  await assert.rejects(complete(sha256Of(partOf(1))), refusedWith("sha256-conflict"));
});

test("an abort frees the reservation at once, and a part's URL brings nothing any more", async () => {
  const machine = createOneMachine({ capabilities: { enforcesIfNoneMatch: false } });
  const { person, upload } = await begin(machine);
  const declared = [{ partNumber: 1, sha256: sha256Of(partOf(1)) }];
  const [request] = (await mintParts(machine.services, person, upload.id, declared)).requests ?? [];
  assert.ok(request);
  await abortUpload(machine.services, person, upload.id);
  assert.equal(await reservedOf(machine, upload), 0);
  assert.equal(await machine.objects.receive(request, partOf(1)), 404);
  assert.equal(machine.objects.multiparts.size, 0);
  const mint = mintParts(machine.services, person, upload.id, declared);
  await assert.rejects(mint, refusedWith("upload-gone"));
  await assert.rejects(completeUpload(machine.services, person, upload.id), refusedWith("upload-gone"));
});

test("parts that arrived without a word become a file, once all have; fewer run out", async () => {
  const machine = createOneMachine();
  const [all, some] = [await begin(machine), await begin(machine)];
  for (const partNumber of [1, 2, 3]) await sendPart(machine, all.upload, partNumber);
  await sendPart(machine, some.upload, 1);
  await sweep(machine.services);
  const stateOf = async ({ upload }: typeof all) =>
    (await machine.services.metadata.findUpload(upload.id))?.state;
  assert.equal(await stateOf(all), "pending", "its URLs still live");
  machine.advance(11 * minuteMs);
  await sweep(machine.services);
  assert.deepEqual([await stateOf(all), await stateOf(some)], ["uploaded", "pending"]);
  await remintUpload(machine.services, some.person, some.upload.id);
  machine.advance(7 * dayMs - minuteMs);
  await sweep(machine.services);
  assert.equal(await stateOf(some), "pending", "its life was extended");
  machine.advance(2 * minuteMs);
  await sweep(machine.services);
  assert.equal(await stateOf(some), "aborted");
  assert.equal(machine.objects.multiparts.size, 0);
});

test("a multipart that the store has lost is begun anew by the next parts", async () => {
  const machine = createOneMachine();
  const { person, upload } = await begin(machine);
  await sendPart(machine, upload, 1);
  const [storeUploadId = ""] = machine.objects.multiparts.keys();
  await machine.objects.abortMultipartUpload({ key: upload.landingKey, storeUploadId });
  assert.equal(await sendPart(machine, upload, 2), 404);
  const complete = () => completeUpload(machine.services, person, upload.id);
  await assert.rejects(complete(), refusedWith("parts-missing", [1, 2, 3]));
  for (const partNumber of [1, 2, 3]) assert.equal(await sendPart(machine, upload, partNumber), 200);
  assert.equal((await complete()).state, "uploaded");
});

test("uploads in the store that nobody recorded are aborted once they are a day old, and no other", async () => {
  const machine = createOneMachine();
  const { upload } = await begin(machine);
  await sendPart(machine, upload, 1);
  const [ours] = machine.objects.multiparts.keys();
  // Of a process that died before it recorded it, under the same key.
  await machine.objects.createMultipartUpload({ key: upload.landingKey, contentType: "video/mp4" });
  assert.equal(await sweepMultiparts(machine.services), 0);
  machine.advance(dayMs + minuteMs);
  assert.equal(await sweepMultiparts(machine.services), 1);
  assert.deepEqual([...machine.objects.multiparts.keys()], [ours]);
});

test("a PUT turned into parts keeps its id and quota, and its URL brings nothing any more", async () => {
  const machine = createOneMachine();
  const person = await machine.person("ann");
  const large = Buffer.alloc(5_242_881, "a");
  const { id, request } = await machine.announce(person, large);
  const turned = await turnMultipart(machine.services, person, id);
  assert.deepEqual([turned.id, turned.multipart], [id, { partSizeBytes: 8 * 1024 * 1024 }]);
  assert.equal(await machine.objects.receive(request, large), 412);
  assert.equal(await reservedOf(machine, turned), large.byteLength);
  const again = await turnMultipart(machine.services, person, id);
  assert.equal(again.landingKey, turned.landingKey);
  const small = await machine.announce(person, Buffer.alloc(5_242_880));
  await assert.rejects(turnMultipart(machine.services, person, small.id), refusedWith("not-multipart"));
  const declared = [{ partNumber: 1, sha256: sha256Of(large) }];
  await assert.rejects(mintParts(machine.services, person, small.id, declared), refusedWith("not-multipart"));
  const [part] = (await mintParts(machine.services, person, id, declared)).requests ?? [];
  assert.ok(part);
  assert.equal(await machine.objects.receive(part, large), 200);
  assert.equal((await completeUpload(machine.services, person, id)).state, "uploaded");
});

for (const tombstone of ["is not enforced", "could not be put"] as const)
  test(`an aborted upload that was a PUT first reserves until its URL has ended where its tombstone ${tombstone}`, async () => {
    const enforcesIfNoneMatch = tombstone !== "is not enforced";
    const machine = createOneMachine({ capabilities: { enforcesIfNoneMatch } });
    const person = await machine.person("ann");
    const large = Buffer.alloc(5_242_881, "a");
    const { id, request } = await machine.announce(person, large);
    const put = () => Promise.reject(new StoreUnavailableError("away"));
    const turned = await turnMultipart(
      { ...machine.services, objects: { ...machine.objects, put } },
      person,
      id,
    );
    await abortUpload(machine.services, person, id);
    await sweep(machine.services);
    assert.equal(await machine.objects.receive(request, large), 200, "its URL lives");
    assert.equal(await reservedOf(machine, turned), large.byteLength);
    machine.advance(11 * minuteMs);
    await sweep(machine.services);
    assert.equal(await reservedOf(machine, turned), 0);
    assert.equal(machine.objects.objects.size, 0);
  });

test("a completion whose parts an abort takes away is told so, not that parts are missing", async () => {
  const machine = createOneMachine();
  const { person, upload } = await begin(machine);
  for (const partNumber of [1, 2, 3]) await sendPart(machine, upload, partNumber);
  const objects: ObjectStore = {
    ...machine.objects,
    listParts: async (multipart) => {
      await abortUpload(machine.services, person, upload.id);
      return machine.objects.listParts(multipart);
    },
  };
  const complete = completeUpload({ ...machine.services, objects }, person, upload.id);
  await assert.rejects(complete, refusedWith("upload-gone"));
});

test("a completion that finds the parts of another's on their way out is the same completion", async () => {
  const machine = createOneMachine();
  const { person, upload } = await begin(machine);
  for (const partNumber of [1, 2, 3]) await sendPart(machine, upload, partNumber);
  const objects: ObjectStore = {
    ...machine.objects,
    listParts: async (multipart) => {
      const parts = (await machine.objects.listParts(multipart)) ?? [];
      await machine.objects.completeMultipartUpload({ ...multipart, parts });
      return parts.slice(0, 1);
    },
  };
  const completed = await completeUpload({ ...machine.services, objects }, person, upload.id);
  assert.equal(completed.state, "uploaded");
});

test("a PUT that is turned into parts while it is completed is not taken for a multipart that has arrived", async () => {
  const machine = createOneMachine();
  const person = await machine.person("ann");
  const large = Buffer.alloc(5_242_881, "a");
  const { id, request } = await machine.announce(person, large);
  assert.equal(await machine.objects.receive(request, large), 200);
  const objects: ObjectStore = {
    ...machine.objects,
    head: async (key) => {
      const seen = await machine.objects.head(key);
      await turnMultipart(machine.services, person, id);
      return seen;
    },
  };
  const complete = completeUpload({ ...machine.services, objects }, person, id);
  await assert.rejects(complete, refusedWith("parts-missing", [1]));
  assert.equal((await machine.services.metadata.findUpload(id))?.state, "pending");
});

test("the store's event of a joined upload completes it where its process died before it could", async () => {
  const machine = createOneMachine();
  const { upload } = await begin(machine);
  for (const partNumber of [1, 2, 3]) await sendPart(machine, upload, partNumber);
  const [storeUploadId = ""] = machine.objects.multiparts.keys();
  const parts = (await machine.objects.listParts({ key: upload.landingKey, storeUploadId })) ?? [];
  await machine.objects.completeMultipartUpload({ key: upload.landingKey, storeUploadId, parts });
  const event = {
    eventName: "ObjectCreated:CompleteMultipartUpload",
    s3: { bucket: { name: "stowage" }, object: { key: upload.landingKey } },
  };
  assert.equal(await handleStoreEvents(machine.services, "stowage", [event]), 1);
  assert.equal((await machine.services.metadata.findUpload(upload.id))?.state, "uploaded");
});

test("however mints, completes, aborts, a turn and the sweeper interleave, the end is whole or nothing", async () => {
  const large = Buffer.alloc(5_242_881, "b");
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.shuffledSubarray(["mint", "mint", "complete", "complete", "abort", "turn", "put", "sweep", "late"], {
        minLength: 2,
      }),
      fc.boolean(),
      async (scheduler, actions, isPut) => {
        const machine = createOneMachine();
        const person = await machine.person("ann");
        const put = isPut ? await machine.announce(person, large) : undefined;
        const upload = put
          ? await machine.services.metadata.findUpload(put.id)
          : await machine.announceInParts(person, film, partSizeBytes);
        assert.ok(upload);
        if (!put) for (const partNumber of [1, 2, 3]) await sendPart(machine, upload, partNumber);
        // Every call of a port waits for its turn.
        const slowed = <Port extends object>(port: Port): Port =>
          new Proxy(port, {
            get(target, name) {
              const member: unknown = Reflect.get(target, name);
              if (typeof member !== "function" || String(name).startsWith("presign")) return member;
              return async (...values: unknown[]): Promise<unknown> => {
                await scheduler.schedule(Promise.resolve(), String(name));
                return Reflect.apply(member, target, values);
              };
            },
          });
        const services = {
          ...machine.services,
          metadata: slowed(machine.services.metadata),
          objects: slowed(machine.services.objects),
        };
        const run: Record<string, () => Promise<unknown>> = {
          mint: () =>
            mintParts(services, person, upload.id, [{ partNumber: 1, sha256: sha256Of(partOf(1)) }]),
          complete: () => completeUpload(services, person, upload.id),
          abort: () => abortUpload(services, person, upload.id),
          turn: () => turnMultipart(services, person, upload.id),
          put: async () => put && machine.objects.receive(put.request, large),
          sweep: () => sweep(services),
          late: () => remintUpload(services, person, upload.id),
        };
        const ended = actions.map((action) =>
          run[action]?.().catch((error: unknown) => {
            if (!(error instanceof RefusedError)) throw error;
          }),
        );
        await scheduler.waitFor(Promise.all(ended));

        const state = async () => (await machine.services.metadata.findUpload(upload.id))?.state;
        if ((await state()) === "pending") await abortUpload(machine.services, person, upload.id);
        if ((await state()) === "uploaded")
          assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "ready");
        for (const ms of [15 * minuteMs, dayMs + minuteMs]) {
          machine.advance(ms);
          await sweep(machine.services);
          await sweepMultiparts(machine.services);
          await sweepOrphans(machine.services);
        }
        const file = await machine.services.metadata.findFile(upload.fileId);
        assert.equal(await state(), file ? "ready" : "aborted");
        const keys = file ? [file.current.key, ...file.current.derivatives.map(({ key }) => key)] : [];
        assert.deepEqual([...machine.objects.objects.keys()].sort(), keys.sort());
        assert.equal(machine.objects.multiparts.size, 0);
        const principal = await machine.services.metadata.findPrincipal(person.id);
        assert.deepEqual(
          [principal?.usedBytes, principal?.reservedBytes, principal?.openUploads],
          [file ? upload.sizeBytes : 0, 0, 0],
        );
      },
    ),
    { numRuns: 150 },
  );
});
