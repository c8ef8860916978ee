import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import type { Answer } from "./harness/api-client.ts";
import { getFile, getMe } from "./harness/files.ts";
import { makePng } from "./harness/images.ts";
import { createMultipart, sendParts } from "./harness/multipart.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { createUpload, emptyPromise, getUpload, intentOf, uploadToEnd } from "./harness/upload.ts";
import { makeVideo } from "./harness/videos.ts";
import type { CompleteBatchAnswer, DownloadsAnswer, Page } from "./harness/wire.ts";

let server: Server;
let owner: Person;
let stranger: Person;
/** Of the owner, and of nobody, alike in shape. */
let ids: {
  readonly what: string;
  readonly existing: string;
  readonly missing: string;
  readonly under: string;
}[];

/** An id like it that nobody has. */
const unlike = (id: string): string => {
  const digit = id.at(-1) ?? "0";
  return `${id.slice(0, -1)}${digit === "0" ? "1" : "0"}`;
};

before(async () => {
  server = await startServer();
  [owner, stranger] = await Promise.all([addPerson(server, "owner"), addPerson(server, "stranger")]);
  const pending = await createUpload(owner.api, emptyPromise(100));
  const inParts = await createMultipart(owner.api, makeVideo(20_000_001));
  await sendParts(owner.api, inParts.upload.id, inParts.parts.slice(0, 1));
  const ready = await uploadToEnd(owner.api, await makePng());
  const rejected = await uploadToEnd(owner.api, Buffer.from("no picture"));
  const aborted = await createUpload(owner.api, emptyPromise(100));
  await owner.api.delete(`/v1/uploads/${aborted.id}`);
  ids = [
    { what: "a pending upload", existing: pending.id, under: "uploads" },
    { what: "a ready upload", existing: ready.id, under: "uploads" },
    { what: "a rejected upload", existing: rejected.id, under: "uploads" },
    { what: "an aborted upload", existing: aborted.id, under: "uploads" },
    { what: "an upload in parts", existing: inParts.upload.id, under: "uploads" },
    { what: "a file", existing: ready.fileId, under: "files" },
    { what: "a file to be", existing: pending.fileId, under: "files" },
  ].map((one) => ({ ...one, missing: unlike(one.existing) }));
});
after(() => server.stop());

/** What differs between any two answers of one server. */
const alwaysDifferent = new Set([
  "date",
  "x-request-id",
  "request-id",
  "ratelimit",
  "ratelimit-remaining",
  "ratelimit-reset",
]);

/** All that an answer tells, but for what names the request. */
function tells(answer: Answer, id: string) {
  const text = answer.text.replace(/"requestId":"[^"]*"/, '"requestId":""').replaceAll(id, "{id}");
  const headers = [...answer.headers].filter(([name]) => !alwaysDifferent.has(name.toLowerCase())).sort();
  return { status: answer.status, headers, text };
}

const routes: readonly {
  readonly method: string;
  readonly under: string;
  readonly suffix: string;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}[] = [
  { method: "GET", under: "uploads", suffix: "" },
  { method: "DELETE", under: "uploads", suffix: "" },
  { method: "POST", under: "uploads", suffix: "/complete" },
  { method: "POST", under: "uploads", suffix: "/complete", json: { sha256: "0".repeat(64) } },
  { method: "GET", under: "uploads", suffix: "/parts" },
  { method: "POST", under: "uploads", suffix: "/urls", json: {} },
  { method: "POST", under: "uploads", suffix: "/urls", json: { as: "multipart" } },
  {
    method: "POST",
    under: "uploads",
    suffix: "/urls",
    json: { parts: [{ partNumber: 9, sha256: "0".repeat(64) }] },
  },
  { method: "GET", under: "files", suffix: "" },
  { method: "GET", under: "files", suffix: "/content" },
  { method: "GET", under: "files", suffix: "/content?derivative=thumbnail" },
  { method: "GET", under: "files", suffix: "/content?derivative=no-such" },
  { method: "GET", under: "files", suffix: "/content?version=9" },
  { method: "GET", under: "files", suffix: "/content?version=1" },
  { method: "GET", under: "files", suffix: "/versions" },
  { method: "GET", under: "files", suffix: "/versions?limit=1" },
  { method: "POST", under: "files", suffix: "/versions/1/restore" },
  { method: "POST", under: "files", suffix: "/versions/1/restore", headers: { "if-match": '"1"' } },
  { method: "POST", under: "files", suffix: "/versions/9/restore", headers: { "if-match": "*" } },
  { method: "DELETE", under: "files", suffix: "/versions/1" },
  { method: "DELETE", under: "files", suffix: "/versions/1", headers: { "if-match": '"1"' } },
  { method: "DELETE", under: "files", suffix: "/versions/9", headers: { "if-match": "*" } },
  { method: "PATCH", under: "files", suffix: "", json: { name: "b" } },
  { method: "PATCH", under: "files", suffix: "", json: { name: "b" }, headers: { "if-match": '"1"' } },
  { method: "PATCH", under: "files", suffix: "", json: { metadata: {} }, headers: { "if-match": "*" } },
  { method: "DELETE", under: "files", suffix: "" },
  { method: "DELETE", under: "files", suffix: "?permanent=true" },
  { method: "DELETE", under: "files", suffix: "", headers: { "if-match": '"1"' } },
  { method: "DELETE", under: "files", suffix: "", headers: { "if-match": "*" } },
  { method: "POST", under: "files", suffix: "/restore" },
  { method: "POST", under: "files", suffix: "/restore", headers: { "if-match": '"1"' } },
];

for (const { method, under, suffix, json, headers } of routes) {
  const asked = json === undefined ? "" : ` asked ${JSON.stringify(json)}`;
  const given = headers === undefined ? asked : ` with If-Match ${headers["if-match"]}`;
  test(`${method} /v1/${under}/{id}${suffix}${given} tells nothing of what belongs to another`, async () => {
    for (const { what, existing, missing } of ids.filter((id) => id.under === under)) {
      const ask = async (id: string) =>
        tells(
          await stranger.api.send(method, `/v1/${under}/${id}${suffix}`, {
            ...(json === undefined ? {} : { json }),
            ...(headers === undefined ? {} : { headers }),
          }),
          id,
        );
      const [there, notThere] = [await ask(existing), await ask(missing)];
      assert.equal(there.status, 404, what);
      assert.deepEqual(there, notThere, what);
    }
  });
}

test("downloads and completions of several tell nothing either, nor does the list by ids", async () => {
  for (const { what, existing, missing, under } of ids) {
    const ask = async (id: string) => {
      const downloads = await stranger.api.post<DownloadsAnswer>("/v1/downloads", { files: [{ id }] });
      const completed = await stranger.api.post<CompleteBatchAnswer>("/v1/uploads/complete", { ids: [id] });
      const listed = await stranger.api.get<Page<unknown>>(`/v1/uploads?ids=${id}`);
      assert.equal(downloads.body.items[0]?.problem?.status, 404, what);
      assert.equal(completed.body.items[0]?.problem?.status, 404, what);
      assert.deepEqual(listed.body.items, [], what);
      return [downloads, completed, listed].map((answer) => {
        const told = tells(answer, id);
        return { ...told, text: told.text.replaceAll(/"requestId":"[^"]*",?/g, "") };
      });
    };
    assert.deepEqual(await ask(existing), await ask(missing), `${what} under ${under}`);
  }
});

test("an id of another kind is as unknown as any", async () => {
  const upload = ids.find(({ what }) => what === "a ready upload")?.existing ?? "";
  const file = ids.find(({ what }) => what === "a file")?.existing ?? "";
  if (upload === file) return;
  assert.equal((await owner.api.get(`/v1/files/${upload}`)).status, 404);
  assert.equal((await owner.api.get(`/v1/uploads/${file}`)).status, 404);
});

test("whether something exists is decided before whether If-Match is there", async () => {
  const file = ids.find(({ what }) => what === "a file")?.existing ?? "";
  assert.equal((await owner.api.delete(`/v1/files/${file}`)).status, 428);
  assert.equal((await owner.api.delete(`/v1/files/${file}`, { "if-match": '"stale"' })).status, 412);
  assert.equal((await stranger.api.delete(`/v1/files/${file}`)).status, 404);
  const change = { json: { name: "b" } };
  assert.equal((await owner.api.send("PATCH", `/v1/files/${file}`, change)).status, 428);
  assert.equal((await stranger.api.send("PATCH", `/v1/files/${file}`, change)).status, 404);
  for (const [method, suffix] of [
    ["POST", "/restore"],
    ["DELETE", ""],
  ] as const) {
    const status = async ({ api }: Person, version: number) =>
      (await api.send(method, `/v1/files/${file}/versions/${version}${suffix}`)).status;
    assert.deepEqual(
      [await status(owner, 1), await status(owner, 9), await status(stranger, 1)],
      [428, 404, 404],
    );
  }
});

test("lists show a person only what is theirs", async () => {
  for (const path of ["/v1/files", "/v1/files?scope=trash", "/v1/uploads", "/v1/uploads?state=ready"]) {
    const { body } = await stranger.api.get<Page<unknown>>(path);
    assert.deepEqual(body, { items: [], nextCursor: null }, path);
  }
  const me = await getMe(stranger.api);
  assert.deepEqual([me.usedBytes, me.reservedBytes, me.openUploads], [0, 0, 0]);
});

test("another person's cursor shows nothing of theirs", async () => {
  for (let n = 0; n < 2; n += 1) await createUpload(owner.api, emptyPromise(10));
  const { body } = await owner.api.get<Page<unknown>>("/v1/uploads?limit=1");
  const answer = await stranger.api.get<Page<unknown>>(`/v1/uploads?cursor=${body.nextCursor}`);
  if (answer.status === 200) assert.deepEqual(answer.body.items, []);
  else assert.equal(answer.status, 400);
});

test("the same bytes of two people are two files, and say nothing of each other", async () => {
  const picture = await makePng();
  const mine = await uploadToEnd(owner.api, picture);
  const theirs = await createUpload(stranger.api, intentOf(picture));
  assert.equal(theirs.state, "pending", "bytes are asked for although the store has them from another");
  assert.notEqual(theirs.fileId, mine.fileId);
});

test("after all of that everything of the owner's is as it was", async () => {
  const states = ["pending", "ready", "rejected", "aborted", "pending"];
  for (const [index, { existing }] of ids.filter(({ under }) => under === "uploads").entries())
    assert.equal((await getUpload(owner.api, existing)).state, states[index]);
  const file = ids.find(({ what }) => what === "a file")?.existing ?? "";
  assert.equal((await getFile(owner.api, file)).state, "ready");
});
