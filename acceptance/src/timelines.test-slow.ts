import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { makePng } from "./harness/images.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { createUpload, emptyPromise, getUpload, uploadToEnd } from "./harness/upload.ts";

let server: Server;
let person: Person;

before(async () => {
  server = await startServer();
  person = await addPerson(server);
});
after(() => server.stop());

const timelineOf = async (id: string): Promise<(readonly [string, string])[]> =>
  ((await getUpload(person.api, id)).events ?? []).map(({ type, detail }) => [type, detail] as const);

test("the timeline of a file that is kept says each step in a sentence, and of one that is not, why", async () => {
  const picture = await makePng();
  const size = picture.length.toLocaleString("en-US");
  const { id } = await uploadToEnd(person.api, picture, { name: "very-private-name.png" });
  const [created, uploaded, verifying, ready] = await timelineOf(id);
  assert.deepEqual(created, ["created", `Announced: ${size} bytes of image/png, to be sent by one PUT.`]);
  assert.deepEqual(uploaded, ["uploaded", `The storage has all ${size} bytes; waiting to be checked.`]);
  assert.deepEqual(verifying, ["verifying", "Taken up by a worker."]);
  assert.equal(ready?.[0], "ready");
  assert.match(ready?.[1] ?? "", /^Checked: image\/png, .*\.$/);

  const rejected = await uploadToEnd(person.api, Buffer.from("no picture"));
  const last = (await timelineOf(rejected.id)).at(-1);
  assert.deepEqual(last, ["rejected", rejected.rejection?.detail]);
});

test("an upload that was asked for again and aborted says so, and by whom", async () => {
  const { id } = await createUpload(person.api, emptyPromise(1));
  await person.api.post(`/v1/uploads/${id}/urls`, {});
  await person.api.delete(`/v1/uploads/${id}`);
  assert.deepEqual(await timelineOf(id), [
    ["created", "Announced: 1 byte of image/png, to be sent by one PUT."],
    ["reminted", "Asked for again: a fresh URL was made, and the time to send the bytes begins anew."],
    ["aborted", "Aborted by its owner."],
  ]);
});
