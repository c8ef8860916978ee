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
