import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { createApi } from "./harness/api-client.ts";
import { downloadOriginal, mintDownload } from "./harness/files.ts";
import { makePng } from "./harness/images.ts";
import { sendRaw } from "./harness/raw-http.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { fetchBytes, putRequestOf, sendBytes } from "./harness/transfer.ts";
import {
  completeUpload,
  createUpload,
  emptyPromise,
  intentOf,
  uploadToEnd,
  waitForEnd,
} from "./harness/upload.ts";

let server: Server;
let person: Person;

before(async () => {
  server = await startServer({ set: { "log.level": "debug" } });
  person = await addPerson(server);
});
after(() => server.stop());

const signatureOf = (url: string): string => new URL(url).searchParams.get("X-Amz-Signature") ?? "";

test("the log holds no token, no signature and no file's name, at its most talkative", async () => {
  const picture = await makePng();
  const upload = await createUpload(person.api, intentOf(picture, { name: "very-private-name.png" }));
  const put = putRequestOf(upload);
  await sendBytes({ ...put, url: `${put.url}&x=1` }, picture);
  await sendBytes(put, picture);
  await completeUpload(person.api, upload.id);
  const ready = await waitForEnd(person.api, upload.id);
  const get = await mintDownload(person.api, ready.fileId);
  await fetchBytes(`${get.url}&x=1`);
  await downloadOriginal(person.api, ready.fileId);
  const content = await person.api.get(`/v1/files/${ready.fileId}/content`);
  await createApi(server.api, `${person.token}x`).get("/v1/me");
  await createApi(server.api).get(`/v1/me?access_token=${person.token}`);
  const junk = await uploadToEnd(person.api, Buffer.from("junk"), { name: "very-private-name.png" });
  assert.equal(junk.state, "rejected");

  await server.stop();
  const log = server.log();
  assert.ok(log.length > 0, "nothing was logged at all");
  const [, claims = "", signature = ""] = person.token.split(".");
  for (const [what, secret] of [
    ["a token's claims", claims],
    ["a token's signature", signature],
    ["a PUT's signature", signatureOf(put.url)],
    ["a GET's signature", signatureOf(get.url)],
    ["a redirect's signature", signatureOf(content.headers.get("location") ?? "")],
    ["a file's name", "very-private-name"],
    ["a person's address", person.email],
  ] as const) {
    assert.ok(secret.length > 8, what);
    assert.ok(!log.includes(secret), `${what} is in the log`);
  }
});

test("every line of the log is one JSON value, whatever a client sends", async () => {
  const talkative = await startServer({ set: { "log.level": "debug" } });
  try {
    const { api, token } = await addPerson(talkative);
    await api.post("/v1/uploads", { files: [emptyPromise(10, { name: 'a\n{"level":"fatal"}\r\nb' })] });
    await api.post("/v1/uploads", { files: [{ 'x\n{"level":"fatal"}': 1 }] });
    await api.get('/v1/uploads/%0a%7b"level":"fatal"%7d');
    await sendRaw(talkative.api, {
      method: "GET",
      target: "/v1/me",
      headers: [
        ["Authorization", `Bearer ${token}`],
        ["User-Agent", 'x\u001b[31m\t{"level":"fatal"}'],
        ["X-Request-Id", '{"level":"fatal"}'],
      ],
    });
  } finally {
    await talkative.stop();
  }
  for (const line of talkative.log().split("\n")) {
    if (line === "") continue;
    const { level } = JSON.parse(line) as { level: unknown };
    assert.notEqual(level, "fatal", line);
  }
});
