import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { assertNames, assertProblem } from "./harness/api-client.ts";
import { corpusDir, withoutCorpus } from "./harness/corpus.ts";
import { getFile, mintDownload } from "./harness/files.ts";
import { makePng } from "./harness/images.ts";
import { misleadingNames, trickyNames } from "./harness/naughty-names.ts";
import { savedName, unsafeCharactersOf } from "./harness/saved-name.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { fetchBytes, putRequestOf, sendBytes } from "./harness/transfer.ts";
import { emptyPromise, getUpload, intentOf, uploadToEnd, waitForEnds } from "./harness/upload.ts";
import type { CompleteBatchAnswer, CreateAnswer, Page, Problem, StoredFile, Upload } from "./harness/wire.ts";

let server: Server;
let person: Person;

before(async () => {
  server = await startServer();
  person = await addPerson(server);
});
after(() => server.stop());

const batchesOf = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));

/** Creates an upload for each name; a name may be refused if the refusal names it. */
async function createNamed(names: readonly string[]): Promise<Map<string, Upload>> {
  const created = new Map<string, Upload>();
  for (let left = [...names]; left.length > 0; ) {
    const files = left.map((name) => emptyPromise(10, { name }));
    const answer = await person.api.post<CreateAnswer & Problem>("/v1/uploads", { files });
    if (answer.status === 201) {
      for (const [index, { upload }] of answer.body.items.entries()) {
        assert.ok(upload, answer.text.slice(0, 500));
        created.set(left[index] ?? "", upload);
      }
      return created;
    }
    assertProblem(answer, 400, "validation-failed");
    const refused = (answer.body.errors ?? []).map(
      ({ pointer }) => /^\/files\/(\d+)\/name$/.exec(pointer)?.[1],
    );
    assert.ok(refused.length > 0 && refused.every((index) => index !== undefined), answer.text.slice(0, 500));
    left = left.filter((_, index) => !refused.includes(String(index)));
  }
  return created;
}

async function assertKept(names: readonly string[]): Promise<number> {
  let kept = 0;
  for (const batch of batchesOf(names, 100)) {
    const created = await createNamed(batch);
    for (const [name, upload] of created) assert.equal(upload.name, name);
    for (const [name, upload] of [...created].slice(0, 10))
      assert.equal((await getUpload(person.api, upload.id)).name, name);
    kept += created.size;
  }
  return kept;
}

test("tricky names come back as they went in", async () => {
  assert.equal(await assertKept(trickyNames), trickyNames.length);
});

test("every naughty string comes back as it went in, or is refused by name", {
  skip: withoutCorpus,
}, async () => {
  const path = join(corpusDir ?? "", "names", "blns.json");
  const names = JSON.parse(readFileSync(path, "utf8")) as string[];
  assert.ok((await assertKept(names)) > names.length - 5, "nearly all of them are good names");
});

test("every naughty name can be given to a file that is there, and is found in lists as it was given", async () => {
  const { fileId } = await uploadToEnd(person.api, await makePng());
  const path = join(corpusDir ?? "", "names", "blns.json");
  const naughty = corpusDir === undefined ? [] : (JSON.parse(readFileSync(path, "utf8")) as string[]);
  let kept = 0;
  for (const name of [...trickyNames, ...misleadingNames, ...naughty]) {
    const headers = { "if-match": "*" };
    const answer = await person.api.send<StoredFile>("PATCH", `/v1/files/${fileId}`, {
      json: { name },
      headers,
    });
    if (answer.status !== 200) {
      assertNames(answer, "/name");
      continue;
    }
    kept += 1;
    assert.equal(answer.body.name, name);
    const { body } = await person.api.get<Page<StoredFile>>("/v1/files?limit=1");
    assert.deepEqual([body.items[0]?.id, body.items[0]?.name], [fileId, name]);
  }
  assert.ok(kept >= trickyNames.length + misleadingNames.length + naughty.length - 5, `${kept} were taken`);
});

test("the name in a download's header is well-formed and safe, and the file keeps its own", async () => {
  const pictures = await Promise.all(trickyNames.map(() => makePng({ width: 4, height: 4 })));
  const files = pictures.map((bytes, index) => intentOf(bytes, { name: trickyNames[index] ?? "" }));
  const { body } = await person.api.post<CreateAnswer>("/v1/uploads", { files });
  const uploads = body.items.flatMap(({ upload }) => (upload === undefined ? [] : [upload]));
  assert.equal(uploads.length, trickyNames.length);
  await Promise.all(
    uploads.map((upload, index) => sendBytes(putRequestOf(upload), pictures[index] ?? Buffer.alloc(0))),
  );
  const ids = uploads.map(({ id }) => id);
  await person.api.post<CompleteBatchAnswer>("/v1/uploads/complete", { ids });
  for (const [index, upload] of (await waitForEnds(person.api, ids)).entries()) {
    const name = trickyNames[index] ?? "";
    assert.equal(upload.state, "ready", `${JSON.stringify(name)}: ${JSON.stringify(upload.rejection)}`);
    assert.equal((await getFile(person.api, upload.fileId)).name, name);
    const stored = await fetchBytes(await mintDownload(person.api, upload.fileId));
    assert.equal(stored.status, 200, JSON.stringify(name));
    const disposition = stored.headers.get("content-disposition") ?? "";
    assert.match(disposition, /^attachment; ?filename/, disposition);
    assert.match(disposition, /^[\x20-\x7e]*$/, `not plain ASCII: ${disposition}`);
    assert.equal(stored.headers.get("injected"), null);
    const saved = savedName(disposition);
    assert.ok(saved.length > 0, disposition);
    assert.deepEqual(unsafeCharactersOf(saved), [], disposition);
    assert.ok(saved !== "." && saved !== "..", disposition);
    if (/^[a-z]+\.png$/.test(name) && name !== "aux.png") assert.equal(saved, name);
    if (name === "caf\u00e9.png" || name.startsWith("日本語"))
      assert.equal(saved.normalize(), name.normalize());
  }
});

test("a name that ends like another type than the picture is refused, and given out with the picture's ending where a file is renamed so", async () => {
  for (const name of misleadingNames) {
    const { state, rejection } = await uploadToEnd(person.api, await makePng(), { name });
    assert.deepEqual([state, rejection?.code], ["rejected", "type-mismatch"], name);
    assert.match(
      rejection?.detail ?? "",
      /^The file's name ends like one of type .+, but its content is image\/png\.$/,
    );
  }
  const { fileId } = await uploadToEnd(person.api, await makePng());
  for (const name of misleadingNames) {
    const headers = { "if-match": "*" };
    await person.api.send<StoredFile>("PATCH", `/v1/files/${fileId}`, { json: { name }, headers });
    const { headers: served } = await fetchBytes(await mintDownload(person.api, fileId));
    assert.match(savedName(served.get("content-disposition") ?? ""), /\.png$/, name);
  }
});
