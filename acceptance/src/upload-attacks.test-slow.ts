import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import {
  attacks,
  type Honest,
  sendBent,
  withBody,
  withHeader,
  withoutHeader,
  withParameter,
  withTarget,
} from "./bent-requests.ts";
import { addPerson, type Person } from "./harness/add-person.ts";
import { assertProblem } from "./harness/api-client.ts";
import { downloadOriginal, mintDownload } from "./harness/files.ts";
import { makePng } from "./harness/images.ts";
import { sendRaw } from "./harness/raw-http.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { fetchBytes, putRequestOf, sendBytes, sha256Of } from "./harness/transfer.ts";
import {
  completeUpload,
  createUpload,
  intentOf,
  sendUpload,
  uploadToEnd,
  waitForEnd,
} from "./harness/upload.ts";

let server: Server;
let person: Person;

before(async () => {
  server = await startServer();
  person = await addPerson(server);
});
after(() => server.stop());

for (const { what, bend, refusedWith = [403], mayHangUp = false } of attacks)
  test(`a presigned PUT with ${what} stores nothing and spoils nothing`, async () => {
    const picture = await makePng();
    const upload = await createUpload(person.api, intentOf(picture));
    const request = putRequestOf(upload);
    const answer = await sendBent(request, picture, (honest) => bend(honest, picture));
    if (answer === undefined) assert.ok(mayHangUp, "hung up without an answer");
    else {
      assert.ok(
        refusedWith.includes(answer.status),
        `answered ${answer.status}: ${answer.body.toString("utf8")}`,
      );
      // The same object under another spelling of its path is the same object: then it is stored as promised.
      if (answer.status === 200) return;
    }
    assertProblem(await person.api.send("POST", `/v1/uploads/${upload.id}/complete`), 409, "bytes-missing");
    const honest = await sendBytes(request, picture);
    assert.equal(honest.status, 200, honest.bytes.toString("utf8"));
    await completeUpload(person.api, upload.id);
  });

test("more bytes than announced do not become part of the object", async () => {
  const picture = await makePng();
  const upload = await createUpload(person.api, intentOf(picture));
  const request = putRequestOf(upload);
  const answer = await sendBent(request, picture, (honest) => ({
    ...honest,
    body: [picture, Buffer.from("<script>alert(1)</script>")],
  }));
  // The rest reads as a second request that is none; the connection may be dropped before the first is answered.
  assert.ok(answer === undefined || answer.status === 200 || answer.status === 400, `${answer?.status}`);
  const honest = await sendBytes(request, picture);
  assert.ok(honest.status === 200 || honest.status === 412, `${honest.status}`);
  await completeUpload(person.api, upload.id);
  const ended = await waitForEnd(person.api, upload.id);
  assert.equal(ended.state, "ready");
  assert.deepEqual((await downloadOriginal(person.api, ended.fileId)).bytes, picture);
});

test("a URL that was used is 412 for the same and for other bytes, and 403 without its header", async () => {
  const picture = await makePng();
  const upload = await createUpload(person.api, intentOf(picture));
  const request = putRequestOf(upload);
  assert.equal((await sendBytes(request, picture)).status, 200);
  assert.equal((await sendBytes(request, picture)).status, 412);
  const other = await sendBent(request, picture, (honest) => withBody(honest, randomBytes(picture.length)));
  assert.ok(other && [400, 403, 412].includes(other.status), `${other?.status}`);
  const bare = await sendBent(request, picture, (honest) => withoutHeader(honest, "if-none-match"));
  assert.equal(bare?.status, 403);
  await completeUpload(person.api, upload.id);
  const ended = await waitForEnd(person.api, upload.id);
  assert.deepEqual((await downloadOriginal(person.api, ended.fileId)).bytes, picture);
});

test("twenty PUTs of one URL at once store it once", async () => {
  const picture = await makePng();
  const request = putRequestOf(await createUpload(person.api, intentOf(picture)));
  const statuses = (await Promise.all(Array.from({ length: 20 }, () => sendBytes(request, picture)))).map(
    ({ status }) => status,
  );
  assert.equal(statuses.filter((status) => status === 200).length, 1, statuses.join(" "));
  assert.ok(
    statuses.every((status) => [200, 409, 412].includes(status)),
    statuses.join(" "),
  );
});

test("nothing can be swapped after complete", async () => {
  const picture = await makePng();
  const upload = await sendUpload(person.api, picture);
  const request = putRequestOf(upload);
  await completeUpload(person.api, upload.id);
  const swap = async () => {
    const honest = await sendBytes(request, picture);
    const other = await sendBent(request, picture, (plain) => withBody(plain, randomBytes(picture.length)));
    return [honest.status, other?.status ?? 0];
  };
  const statuses = await swap();
  const ended = await waitForEnd(person.api, upload.id);
  statuses.push(...(await swap()));
  assert.equal(ended.state, "ready");
  assert.deepEqual((await downloadOriginal(person.api, ended.fileId)).bytes, picture);
  // The landing key may have been emptied by then, and the same bytes sent there again: nobody reads them.
  for (const [index, status] of statuses.entries())
    assert.ok(
      index === 2 ? [200, 403, 412].includes(status) : [400, 403, 412].includes(status),
      statuses.join(" "),
    );
});

test("a live URL of an aborted upload brings nothing in", async () => {
  const picture = await makePng();
  const upload = await createUpload(person.api, intentOf(picture));
  const request = putRequestOf(upload);
  const abort = await person.api.delete(`/v1/uploads/${upload.id}`);
  assert.ok(abort.status < 300, abort.text);
  const late = await sendBytes(request, picture);
  assert.ok(late.status === 412 || late.status === 403, `${late.status}`);
  assertProblem(await person.api.send("POST", `/v1/uploads/${upload.id}/complete`), 409, "upload-gone");
  assert.equal((await person.api.get(`/v1/files/${upload.fileId}`)).status, 404);
  assert.equal((await fetchBytes(request.url)).status, 403);
});

test("bytes that had arrived before the abort are never readable", async () => {
  const upload = await sendUpload(person.api, await makePng());
  await person.api.delete(`/v1/uploads/${upload.id}`);
  assert.equal((await fetchBytes(putRequestOf(upload).url)).status, 403);
  assert.equal((await person.api.get(`/v1/files/${upload.fileId}/content`)).status, 404);
});

test("a download's URL reads its object and does nothing else", async () => {
  const picture = await makePng();
  const { fileId } = await uploadToEnd(person.api, picture);
  const request = await mintDownload(person.api, fileId);
  for (const bend of [
    (honest: Honest) => ({ ...withBody(honest, picture), method: "PUT" }),
    (honest: Honest) => ({ ...honest, method: "DELETE" }),
    (honest: Honest) =>
      withTarget(honest, (target) => target.replace(/(.)\?/, (_, last) => `${last === "a" ? "b" : "a"}?`)),
    (honest: Honest) =>
      withParameter(honest, (parameters) => parameters.set("response-content-disposition", "inline")),
    (honest: Honest) =>
      withParameter(honest, (parameters) => parameters.set("response-content-type", "text/html")),
    (honest: Honest) =>
      withParameter(honest, (parameters) => parameters.delete("response-content-disposition")),
    (honest: Honest) => withTarget(honest, (target) => `${target}&response-expires=x`),
    (honest: Honest) => withHeader(honest, "x-amz-meta-a", "b"),
    (honest: Honest) => withTarget(honest, (target) => target.replace(/\/files\/[^?]*/, "")),
  ]) {
    const answer = await sendBent(request, Buffer.alloc(0), bend);
    assert.ok(
      answer?.status === 403 || answer?.status === 400,
      `${answer?.status} ${answer?.body.toString("utf8")}`,
    );
  }
  assert.equal(sha256Of((await fetchBytes(request)).bytes), sha256Of(picture));
});

test("the bucket shows nobody its lists, its root or anything unsigned", async () => {
  const bucketPath = new URL(putRequestOf(await createUpload(person.api, intentOf(await makePng()))).url)
    .pathname;
  const name = bucketPath.split("/")[1] ?? "";
  for (const [method, target] of [
    ["GET", "/"],
    ["GET", `/${name}`],
    ["GET", `/${name}/`],
    ["GET", `/${name}/?list-type=2`],
    ["GET", `/${name}?location`],
    ["GET", `/${name}/files/`],
    ["DELETE", `/${name}`],
    ["PUT", `/${name}?policy`],
    ["POST", `/${name}?delete`],
    ["GET", "/../../etc/passwd"],
    ["GET", "/%2e%2e/%2e%2e/etc/passwd"],
    ["GET", `/${name}/..%2f..%2f..%2fetc/passwd`],
  ] as const) {
    const answer = await sendRaw(server.bucket, { method, target, headers: [["Content-Length", "0"]] });
    assert.ok(
      answer !== undefined && [400, 403, 404, 405].includes(answer.status),
      `${method} ${target}: ${answer?.status}`,
    );
    assert.doesNotMatch(answer.body.toString("utf8"), /<Key>|root:|\/tmp\//, target);
  }
});
