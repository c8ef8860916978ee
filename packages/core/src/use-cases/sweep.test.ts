import assert from "node:assert/strict";
import { test } from "node:test";
import { MetadataUnavailableError } from "../ports/metadata-store.ts";
import { type ObjectStore, StoreUnavailableError } from "../ports/object-store.ts";
import { abortUpload } from "./abort-upload.ts";
import { mintParts } from "./mint-parts.ts";
import { createOneMachine, type OneMachine, sha256Of } from "./one-machine.testing.ts";
import { sweep } from "./sweep.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** A store that fails whenever it is asked of these keys. */
function failingAt({ objects }: OneMachine, keys: ReadonlySet<string>): ObjectStore {
  const assertSound = (key: string) => {
    if (keys.has(key)) throw new StoreUnavailableError(`${key}: 500 InternalError`);
  };
  return {
    ...objects,
    async head(key) {
      assertSound(key);
      return objects.head(key);
    },
    async listParts(multipart) {
      assertSound(multipart.key);
      return objects.listParts(multipart);
    },
  };
}

const stateOf = async ({ services }: OneMachine, id: string) =>
  (await services.metadata.findUpload(id))?.state;

async function landed(machine: OneMachine, count: number) {
  const person = await machine.person("ann");
  const uploads = [];
  for (let index = 0; index < count; index += 1) {
    const bytes = Buffer.from(`photograph ${index}`);
    const { id, request } = await machine.announce(person, bytes);
    assert.equal(await machine.objects.receive(request, bytes), 200);
    const upload = await machine.services.metadata.findUpload(id);
    assert.ok(upload);
    uploads.push(upload);
  }
  return uploads;
}

test("an upload that the store can't be asked about keeps no other from its end", async () => {
  const machine = createOneMachine();
  const person = await machine.person("ann");
  const film = Buffer.from("a film");
  const inParts = await machine.announceInParts(person, film, 10);
  await mintParts(machine.services, person, inParts.id, [{ partNumber: 1, sha256: sha256Of(film) }]);
  const [damaged, ...sound] = await landed(machine, 4);
  assert.ok(damaged);
  const away = await machine.announce(person, Buffer.from("given up"));
  await abortUpload(machine.services, person, away.id);
  machine.advance(12 * minuteMs);
  const objects = failingAt(machine, new Set([inParts.landingKey, damaged.landingKey]));

  await assert.rejects(sweep({ ...machine.services, objects }), { code: "store-unavailable" });
  for (const { id } of sound) assert.equal(await stateOf(machine, id), "uploaded");
  assert.equal((await machine.services.metadata.findPrincipal(person.id))?.openUploads, 5);
  assert.deepEqual(
    (await machine.services.metadata.listDoomedObjects(10)).map(({ key }) => key),
    [],
    "the tombstone is gone",
  );

  machine.advance(8 * dayMs);
  await assert.rejects(sweep({ ...machine.services, objects }), { code: "store-unavailable" });
  for (const { id } of [inParts, damaged]) assert.equal(await stateOf(machine, id), "aborted");
  await sweep({ ...machine.services, objects });
});

test("a store that is away is not asked about every upload there is", async () => {
  const machine = createOneMachine();
  const uploads = await landed(machine, 30);
  machine.advance(12 * minuteMs);
  let asked = 0;
  const objects: ObjectStore = {
    ...machine.objects,
    head: () => {
      asked += 1;
      return Promise.reject(new StoreUnavailableError("connection refused"));
    },
  };
  await assert.rejects(sweep({ ...machine.services, objects }), { code: "store-unavailable" });
  assert.ok(asked <= 10, `${asked}`);
  await sweep(machine.services);
  for (const { id } of uploads) assert.equal(await stateOf(machine, id), "uploaded");
});

const reservedOf = async ({ services }: OneMachine, id: string) =>
  (await services.metadata.findPrincipal(id))?.reservedBytes;

const away = () => Promise.reject(new StoreUnavailableError("connection refused"));

/** Counts what a store that is away is told of aborts. */
function awayFromAborts({ objects }: OneMachine) {
  const asked = { count: 0 };
  const refuse = () => {
    asked.count += 1;
    return away();
  };
  return { asked, objects: { ...objects, put: refuse, abortMultipartUpload: refuse } };
}

for (const transfer of ["in one PUT", "in parts"] as const)
  test(`what an upload sent ${transfer} reserves is free once the store has heard of its abort, however often that failed`, async () => {
    const machine = createOneMachine();
    const person = await machine.person("ann");
    const bytes = Buffer.from("given up");
    const begin = async () => {
      if (transfer === "in one PUT") return machine.announce(person, bytes);
      const { id } = await machine.announceInParts(person, bytes, 10);
      const minted = await mintParts(machine.services, person, id, [
        { partNumber: 1, sha256: sha256Of(bytes) },
      ]);
      const request = minted.requests?.[0];
      assert.ok(request);
      return { id, request };
    };
    const [unheard, unsaid] = [await begin(), await begin()];
    const { objects } = awayFromAborts(machine);
    assert.equal((await abortUpload({ ...machine.services, objects }, person, unheard.id)).state, "aborted");
    // As whoever dies before the store is told leaves it.
    await machine.services.metadata.abortUpload({ uploadId: unsaid.id, actor: "system", detail: "" });
    assert.equal((await sweep({ ...machine.services, objects })).released, 0);
    assert.equal(await reservedOf(machine, person.id), 2 * bytes.byteLength, "a URL may still bring them");

    assert.equal((await sweep(machine.services)).released, 2);
    assert.equal(await reservedOf(machine, person.id), 0);
    for (const { request } of [unheard, unsaid])
      assert.notEqual(await machine.objects.receive(request, bytes), 200, "the URL is dead");
    assert.equal(machine.objects.multiparts.size, 0);
    assert.equal((await sweep(machine.services)).released, 0);
    machine.advance(12 * minuteMs);
    await sweep(machine.services);
    assert.equal(machine.objects.objects.size, 0, "the tombstones are gone");
  });

test("a store that is away is not told of every abort there is", async () => {
  const machine = createOneMachine();
  const person = await machine.person("ann");
  const { asked, objects } = awayFromAborts(machine);
  for (let index = 0; index < 30; index += 1) {
    const { id } = await machine.announce(person, Buffer.from(`photograph ${index}`));
    await abortUpload({ ...machine.services, objects }, person, id);
  }
  asked.count = 0;
  await sweep({ ...machine.services, objects });
  assert.ok(asked.count > 0 && asked.count <= 10, `${asked.count}`);
  assert.equal((await sweep(machine.services)).released, 30);
  assert.equal(await reservedOf(machine, person.id), 0);
});

test("a database that is away is told at once", async () => {
  const machine = createOneMachine();
  await landed(machine, 3);
  machine.advance(12 * minuteMs);
  let asked = 0;
  const metadata = {
    ...machine.services.metadata,
    completeUpload: () => {
      asked += 1;
      return Promise.reject(new MetadataUnavailableError("locked"));
    },
  };
  await assert.rejects(sweep({ ...machine.services, metadata }), { name: "MetadataUnavailableError" });
  assert.equal(asked, 1);
});
