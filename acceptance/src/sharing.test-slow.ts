// A file that its owner shares with one person, shows to an organisation or makes public: what others are given of it, by every address
// that gives something out, and what becomes of that when it is taken back.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import sharp from "sharp";
import { addPerson, makeToken, type Person } from "./harness/add-person.ts";
import { type Answer, askApi, assertNames, assertProblem, createApi } from "./harness/api-client.ts";
import { getFile, getMe, listAll } from "./harness/files.ts";
import { makeJpeg } from "./harness/images.ts";
import { runCli } from "./harness/run-cli.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { fetchBytes, sha256Of } from "./harness/transfer.ts";
import { type Intent, uploadToEnd } from "./harness/upload.ts";
import { waitFor } from "./harness/wait-for.ts";
import type { DownloadsAnswer, PresignedRequest, StoredFile } from "./harness/wire.ts";

let server: Server;
let ann: Person;
let bob: Person;
let bobsId: string;
let eve: Person;

before(async () => {
  server = await startServer();
  [ann, bob, eve] = await Promise.all([
    addPerson(server, "ann"),
    addPerson(server, "bob"),
    addPerson(server, "eve"),
  ]);
  bobsId = (await getMe(bob.api)).id;
});
after(() => server.stop());

/** What a camera writes down, as far as a test has to find it again. */
const camera = "CAMERA-4711-0815";

const photograph = async (width: number): Promise<Buffer> =>
  sharp(await makeJpeg({ width, height: 240 }))
    .withExif({ IFD0: { Make: camera }, IFD3: { GPSLatitudeRef: "N", GPSLatitude: "52/1 31/1 12/1" } })
    .jpeg()
    .toBuffer();

let made = 0;
async function annsFile(
  over: Partial<Intent> = {},
): Promise<{ readonly id: string; readonly bytes: Buffer }> {
  made += 1;
  const bytes = await photograph(320 + made);
  assert.ok(bytes.includes(camera));
  const upload = await uploadToEnd(ann.api, bytes, {
    name: "photo.jpg",
    contentType: "image/jpeg",
    metadata: { trip: "home" },
    ...over,
  });
  assert.equal(upload.state, "ready", JSON.stringify(upload.rejection));
  return { id: upload.fileId, bytes };
}

type Seen = StoredFile & { readonly access: { readonly can: readonly string[]; readonly because: string } };

const seenBy = async (who: Person, id: string): Promise<Seen> => (await getFile(who.api, id)) as Seen;

/** Asks again, as a client does, while it is being made. */
const downloadAs = (who: Person, download: object): Promise<PresignedRequest> =>
  waitFor("the download", async () => {
    const answer = await askApi<DownloadsAnswer>({
      origin: server.api,
      token: who.token,
      method: "POST",
      path: "/v1/downloads",
      json: { files: [download] },
    });
    if (answer.status === 503) {
      assertProblem(answer, 503, "derivative-pending");
      return undefined;
    }
    const request = answer.body.items[0]?.request;
    assert.ok(request, answer.text);
    return request;
  });

/** Follows by hand: the answer is a redirect. */
const contentOf = (id: string, token?: string): Promise<Response> =>
  fetch(`${server.api}/v1/files/${id}/content`, {
    redirect: "manual",
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });

test("whom a file is shared with gets its rendition by every address, whose size and hash they are told, and no metadata", async () => {
  const { id, bytes } = await annsFile();
  assert.equal((await bob.api.get(`/v1/files/${id}`)).status, 404);
  const granted = await ann.api.send("PUT", `/v1/files/${id}/grants/${bobsId}`, { json: {} });
  assert.equal(granted.status, 200, granted.text);
  const file = await seenBy(bob, id);
  assert.deepEqual(file.access.can, ["read"]);
  assert.deepEqual([file.metadata, file.name], [{}, "photo.jpg"]);
  for (const download of [
    { id },
    { id, derivative: "original" },
    { id, derivative: "rendition" },
    { id, version: 1 },
    { id, derivative: "thumbnail" },
    { id, derivative: "preview" },
  ]) {
    const { bytes: got, status } = await fetchBytes(await downloadAs(bob, download));
    assert.equal(status, 200);
    assert.ok(!got.includes(camera), JSON.stringify(download));
    const isPicture = "derivative" in download && /thumbnail|preview/.test(download.derivative ?? "");
    if (!isPicture) {
      assert.equal(sha256Of(got), file.sha256, JSON.stringify(download));
      assert.equal(got.length, file.sizeBytes);
    }
  }
  const redirect = await contentOf(id, bob.token);
  assert.equal(redirect.status, 302);
  const followed = await fetchBytes(redirect.headers.get("location") ?? "");
  assert.equal(sha256Of(followed.bytes), file.sha256);
  const own = await fetchBytes(await downloadAs(ann, { id }));
  assert.equal(sha256Of(own.bytes), sha256Of(bytes), "its owner gets what was sent");
  for (const download of [{ id, version: 2 }, { id: `${id.slice(0, -1)}x` }]) {
    const answer = await bob.api.post<DownloadsAnswer>("/v1/downloads", { files: [download] });
    assert.equal(answer.body.items[0]?.problem?.code, "not-found");
  }
});

test("what is taken back, or has ended, is gone from every address and list", async () => {
  const { id } = await annsFile();
  const grant = `/v1/files/${id}/grants/${bobsId}`;
  const isListed = async () =>
    (await listAll<StoredFile>(bob.api, "/v1/files?scope=shared")).some((file) => file.id === id);
  assert.equal(await isListed(), false);
  assert.equal((await ann.api.send("PUT", grant)).status, 200);
  assert.equal(await isListed(), true);
  assert.equal((await ann.api.delete(grant)).status, 204);
  const endsAt = new Date(Date.now() + 1500).toISOString();
  assert.equal((await ann.api.send("PUT", grant, { json: { endsAt } })).status, 200);
  const { expiresInSeconds } = await downloadAs(bob, { id, derivative: "thumbnail" });
  assert.ok(expiresInSeconds <= 2, "no URL outlives the right");
  await waitFor("the end", async () =>
    (await bob.api.get(`/v1/files/${id}`)).status === 404 ? true : undefined,
  );
  assert.equal(await isListed(), false);
  assert.equal((await contentOf(id, bob.token)).status, 404);
  const answer = await bob.api.post<DownloadsAnswer>("/v1/downloads", { files: [{ id }] });
  assert.equal(answer.body.items[0]?.problem?.code, "not-found");
});

test("others may look and do nothing else, and strangers learn of nothing", async () => {
  const { id } = await annsFile();
  await ann.api.send("PUT", `/v1/files/${id}/grants/${bobsId}`);
  const asks: readonly (readonly [string, string, unknown?])[] = [
    ["GET", "/versions"],
    ["GET", "/grants"],
    ["GET", `/grants/${bobsId}`],
    ["PUT", `/grants/${bobsId}`],
    ["DELETE", `/grants/${bobsId}`],
    ["GET", `/access?userId=${bobsId}`],
    ["PATCH", "", { visibility: "public" }],
    ["PATCH", "", { name: "mine.jpg" }],
    ["DELETE", ""],
    ["DELETE", "?permanent=true"],
    ["POST", "/restore"],
  ];
  const headers = { "if-match": "*" };
  for (const [method, suffix, json] of asks) {
    const ask = (who: Person, fileId: string): Promise<Answer> =>
      who.api.send(method, `/v1/files/${fileId}${suffix}`, { headers, ...(json ? { json } : {}) });
    assertProblem(await ask(bob, id), 403, "forbidden");
    const [there, notThere] = [await ask(eve, id), await ask(eve, `${id.slice(0, -4)}0000`)];
    assertProblem(there, 404, "not-found");
    const told = ({ text }: Answer) => text.replace(/"requestId":"[^"]*"/, "");
    assert.equal(told(there), told(notThere));
  }
});

test("a public file is everyone's to see, in its list and without a token by its content alone", async () => {
  const { id } = await annsFile({ visibility: "public" });
  assert.equal((await contentOf(id, "wrong")).status, 401);
  assert.equal((await createApi(server.api).get(`/v1/files/${id}`)).status, 401);
  const bytes = await waitFor("the rendition", async () => {
    const answer = await contentOf(id);
    return answer.status === 302 ? (await fetchBytes(answer.headers.get("location") ?? "")).bytes : undefined;
  });
  assert.ok(!bytes.includes(camera));
  assert.ok((await listAll<StoredFile>(eve.api, "/v1/files?scope=public")).some((file) => file.id === id));
  const etag = (await ann.api.get(`/v1/files/${id}`)).headers.get("etag") ?? "";
  const patch = await ann.api.send("PATCH", `/v1/files/${id}`, {
    json: { visibility: "private" },
    headers: { "if-match": etag },
  });
  assert.equal(patch.status, 200, patch.text);
  assert.equal((await eve.api.get(`/v1/files/${id}`)).status, 404);
  assert.equal((await contentOf(id)).status, 401);
});

test("with shareOriginal others get the bytes as they were sent", async () => {
  const { id, bytes } = await annsFile({ visibility: "public" });
  const patch = await ann.api.send("PATCH", `/v1/files/${id}`, {
    json: { shareOriginal: true },
    headers: { "if-match": "*" },
  });
  assert.equal(patch.status, 200, patch.text);
  const { bytes: got } = await fetchBytes(await downloadAs(eve, { id }));
  assert.equal(sha256Of(got), sha256Of(bytes));
  assert.equal((await seenBy(eve, id)).sha256, sha256Of(bytes));
});

test("an operator breaks the glass with a reason, sees what others would for an hour, and the owner reads who and why", async () => {
  const email = `op-${made}@example.test`;
  const added = await runCli(["user", "add", email, "--operator", "--data", server.dataDir]);
  assert.equal(added.status, 0, added.stderr);
  const api = createApi(server.api, await makeToken(server, email, { scope: "files:read operations:read" }));
  const { id } = await annsFile();
  assert.equal((await api.get(`/v1/files/${id}`)).status, 404);
  await ann.api.send("PUT", `/v1/files/${id}/grants/${bobsId}`);
  const answerTo = async ({ api: asked }: Person) => {
    const { headers, body } = await asked.get(`/v1/files/${id}`);
    return { etag: headers.get("etag"), body };
  };
  const [annsBefore, bobsBefore] = [await answerTo(ann), await answerTo(bob)];
  const reason = "A court asks whether this picture is here.";
  assertProblem(await bob.api.post(`/v1/files/${id}/break-glass`, { reason }), 403, "insufficient-scope");
  assertNames(await api.post(`/v1/files/${id}/break-glass`, { reason: "because" }), "/reason");
  const broken = await api.post<{ readonly endsAt: string }>(`/v1/files/${id}/break-glass`, { reason });
  assert.equal(broken.status, 201, broken.text);
  assert.ok(Math.abs(Date.parse(broken.body.endsAt) - Date.now() - 3_600_000) < 60_000);
  assert.equal((await api.get(`/v1/files/${id}`)).status, 200);
  const told = (
    await ann.api.get<{ readonly brokenGlass: readonly { readonly reason: string }[] }>(`/v1/files/${id}`)
  ).body.brokenGlass;
  assert.deepEqual(
    told.map((each) => each.reason),
    [reason],
  );
  assert.deepEqual(await answerTo(bob), bobsBefore, "others are not told");
  const { etag } = await answerTo(ann);
  assert.notEqual(etag, annsBefore.etag, "who has it from before is told, too");
  const change = { json: { name: "told.jpg" }, headers: { "if-match": etag ?? "" } };
  assert.equal((await ann.api.send("PATCH", `/v1/files/${id}`, change)).status, 200);
});
