import assert from "node:assert/strict";
import { test } from "node:test";
import type { MetadataStore } from "../ports/metadata-store.ts";
import { type ObjectStore, StoreUnavailableError } from "../ports/object-store.ts";
import { abortUpload } from "./abort-upload.ts";
import { completeUpload } from "./complete-upload.ts";
import { handleStoreEvents } from "./handle-store-events.ts";
import { createOneMachine, type OneMachine, sha256Of } from "./one-machine.testing.ts";

const bucket = "stowage";
const bytes = Buffer.from("bytes of a photograph");

const created = (key: string, eventName = "ObjectCreated:Put", name = bucket) => ({
  eventName,
  s3: { bucket: { name }, object: { key } },
});

/** Announces and sends, and does not say so; answers the upload's id and landing key. */
async function sendUnsaid(machine: OneMachine, subject = "ann"): Promise<{ id: string; key: string }> {
  const { id, request } = await machine.announce(await machine.person(subject), bytes);
  await machine.objects.receive(request, bytes);
  return { id, key: await keyOf(machine, id) };
}

const keyOf = async (machine: OneMachine, id: string): Promise<string> =>
  (await machine.services.metadata.findUpload(id))?.landingKey ?? "";

const stateOf = async (machine: OneMachine, id: string) =>
  (await machine.services.metadata.findUpload(id))?.state;

/** Ports that count the calls of some methods. */
function counting({ services }: OneMachine) {
  const counts = { head: 0, find: 0 };
  const objects: ObjectStore = {
    ...services.objects,
    head: (key) => {
      counts.head += 1;
      return services.objects.head(key);
    },
  };
  const metadata: MetadataStore = {
    ...services.metadata,
    findUploadsByLandingKeys: (keys) => {
      counts.find += 1;
      return services.metadata.findUploadsByLandingKeys(keys);
    },
  };
  return { counts, ports: { ...services, objects, metadata } };
}

test("a pending upload whose bytes the store speaks of is completed, and the worker woken", async () => {
  const machine = createOneMachine();
  const { id, key } = await sendUnsaid(machine);
  assert.equal(await handleStoreEvents(machine.services, bucket, [created(key)]), 1);
  assert.equal(await stateOf(machine, id), "uploaded");
  assert.equal(machine.wakes.count, 1);
  assert.equal(await handleStoreEvents(machine.services, bucket, [created(key)]), 0);
  assert.equal(machine.wakes.count, 1);
});

test("keys are understood as each store writes them", async () => {
  const machine = createOneMachine();
  for (const [eventName, write] of [
    ["ObjectCreated:Put", (key: string) => key],
    ["s3:ObjectCreated:Put", encodeURIComponent],
    ["ObjectCreated:Post", (key: string) => key.replace("/", "%2f")],
    ["ObjectCreated:CompleteMultipartUpload", (key: string) => key],
  ] as const) {
    const { id, key } = await sendUnsaid(machine);
    await handleStoreEvents(machine.services, bucket, [created(write(key), eventName)]);
    assert.equal(await stateOf(machine, id), "uploaded", eventName);
  }
});

test("an event is no proof: where the store has nothing, or something else, the upload stays pending", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const empty = await machine.announce(ann, bytes);
  const other = await machine.announce(ann, bytes);
  const key = await keyOf(machine, other.id);
  const body = Buffer.from("other");
  await machine.objects.put({ key, body, contentType: "image/jpeg", sha256: sha256Of(body) });
  const events = [created(await keyOf(machine, empty.id)), created(key)];
  assert.equal(await handleStoreEvents(machine.services, bucket, events), 0);
  for (const { id } of [empty, other]) assert.equal(await stateOf(machine, id), "pending");
});

test("what is another bucket's, removed, elsewhere or nobody's is not looked for", async () => {
  const machine = createOneMachine();
  const { id, key } = await sendUnsaid(machine);
  const { counts, ports } = counting(machine);
  const about = [
    created(key, "ObjectCreated:Put", "another"),
    created(key, "ObjectRemoved:Delete"),
    created(key, "LifecycleExpiration:Delete"),
    created(`${key}/..`),
    created(`/${key}`),
    created(key.toUpperCase()),
    created("files/0123/1/original"),
    created("%E0%A4%A"),
    created(""),
  ];
  assert.equal(await handleStoreEvents(ports, bucket, about), 0);
  assert.deepEqual(counts, { head: 0, find: 0 });
  assert.equal(await stateOf(machine, id), "pending");
  assert.equal(await handleStoreEvents(ports, bucket, [created("uploads/0123")]), 0);
});

test("events of uploads that were completed or aborted meanwhile cost one read and no call to the store", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const events = [];
  for (let made = 0; made < 200; made += 1) {
    const { id, key } = await sendUnsaid(machine);
    if (made % 2 === 0) await completeUpload(machine.services, ann, id);
    else await abortUpload(machine.services, ann, id);
    events.push(created(key), created(key));
  }
  const { counts, ports } = counting(machine);
  assert.equal(await handleStoreEvents(ports, bucket, events), 0);
  assert.deepEqual(counts, { head: 0, find: 1 });
});

test("a thousand pending uploads are completed in one message", async () => {
  const machine = createOneMachine({ limits: { openUploads: 0, quotaBytes: 0 } });
  const sent = [];
  for (let made = 0; made < 1000; made += 1) sent.push(await sendUnsaid(machine));
  const { counts, ports } = counting(machine);
  const events = sent.map(({ key }) => created(key));
  assert.equal(await handleStoreEvents(ports, bucket, events), 1000);
  assert.deepEqual(counts, { head: 1000, find: 5 });
});

test("where the store does not answer the message fails, and is handled when it is sent again", async () => {
  const machine = createOneMachine();
  const { id, key } = await sendUnsaid(machine);
  const objects = {
    ...machine.services.objects,
    head: () => Promise.reject(new StoreUnavailableError("as a test wants")),
    list: () => Promise.reject(new StoreUnavailableError("as a test wants")),
  };
  const down = { ...machine.services, objects };
  await assert.rejects(handleStoreEvents(down, bucket, [created(key)]), StoreUnavailableError);
  assert.equal(await stateOf(machine, id), "pending");
  assert.equal(await handleStoreEvents(machine.services, bucket, [created(key)]), 1);
});

test("one upload that the store fails for, though it answers, holds up no other's events", async () => {
  const machine = createOneMachine();
  const damaged = await sendUnsaid(machine, "ann");
  const sound = await sendUnsaid(machine, "eve");
  const objects: ObjectStore = {
    ...machine.services.objects,
    head: (key) =>
      key === damaged.key
        ? Promise.reject(new StoreUnavailableError("as a test wants"))
        : machine.services.objects.head(key),
  };
  const events = [created(damaged.key), created(sound.key)];
  assert.equal(await handleStoreEvents({ ...machine.services, objects }, bucket, events), 1);
  assert.equal(await stateOf(machine, damaged.id), "pending");
  assert.equal(await stateOf(machine, sound.id), "uploaded");
});
