import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import sharp from "sharp";
import { addPerson, type Person } from "./harness/add-person.ts";
import { askApi, assertProblem, createApi } from "./harness/api-client.ts";
import { deleteFile, mintDownload } from "./harness/files.ts";
import {
  authenticateToken,
  decodeToken,
  readSigningKey,
  signToken,
  unsignedToken,
} from "./harness/forge-token.ts";
import { makePng } from "./harness/images.ts";
import { noteSecret, noteToken } from "./harness/run-record.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { fetchBytes } from "./harness/transfer.ts";
import { uploadToEnd } from "./harness/upload.ts";
import type { DownloadsAnswer, Problem, StoredFile } from "./harness/wire.ts";

interface Link {
  readonly id: string;
  readonly token: string;
  readonly url: string;
  readonly expiresAt: string;
}

interface Opened {
  readonly token: string;
  readonly expiresInSeconds: number;
  readonly target: { readonly kind: string; readonly id: string };
  readonly file: StoredFile;
}

let server: Server;
let owner: Person;
let stranger: Person;
/** A photograph that says where it was taken. */
let photo: Buffer;
before(async () => {
  server = await startServer();
  [owner, stranger] = await Promise.all([addPerson(server, "owner"), addPerson(server, "stranger")]);
  photo = await sharp(await makePng({ width: 640, height: 480 }))
    .jpeg()
    .withExif({
      IFD0: { Make: "Zenobia" },
      IFD3: {
        GPSLatitudeRef: "N",
        GPSLatitude: "51/1 30/1 0/1",
        GPSLongitudeRef: "W",
        GPSLongitude: "0/1 7/1 0/1",
      },
    })
    .toBuffer();
  assert.match(photo.toString("latin1"), /Zenobia/);
});
after(() => server.stop());

const newFile = () => uploadToEnd(owner.api, photo, { name: "Beach at home.jpg", contentType: "image/jpeg" });

async function newLink(fileId: string, wish: object = {}): Promise<Link> {
  const answer = await owner.api.post<Link>(`/v1/files/${fileId}/links`, wish);
  assert.equal(answer.status, 201, answer.text);
  noteSecret("a link's token", answer.body.token);
  return answer.body;
}

const open = (token: string, passphrase?: string) =>
  createApi(server.api).post<Opened & Problem>("/v1/links/open", {
    token,
    ...(passphrase === undefined ? {} : { passphrase }),
  });

/** The API as whoever came by the link has it. */
async function came(token: string, passphrase?: string) {
  const answer = await open(token, passphrase);
  assert.equal(answer.status, 200, answer.text);
  noteToken("a link's capability token", answer.body.token);
  return createApi(server.api, answer.body.token);
}

async function downloaded(api: ReturnType<typeof createApi>, id: string, derivative = "original") {
  for (;;) {
    const answer = await askApi<DownloadsAnswer>({
      origin: api.origin,
      token: api.token,
      method: "POST",
      path: "/v1/downloads",
      json: { files: [{ id, derivative }] },
    });
    const [item] = answer.body.items;
    if (item?.request) return (await fetchBytes(item.request)).bytes;
    assert.equal(item?.problem?.code, "derivative-pending", answer.text);
    await sleep(200);
  }
}

test("who has a link sees the file and gets its bytes without places, and nothing else of anybody's", async () => {
  const [{ fileId }, other] = await Promise.all([newFile(), newFile()]);
  const { token, url } = await newLink(fileId);
  assert.equal(url, `${server.web}/l#${token}`);
  const api = await came(token);
  const file = await api.get<StoredFile>(`/v1/files/${fileId}`);
  assert.equal(file.status, 200);
  for (const derivative of ["original", "rendition", "preview", "thumbnail"]) {
    const bytes = await downloaded(api, fileId, derivative);
    assert.ok(bytes.byteLength > 0);
    assert.doesNotMatch(bytes.toString("latin1"), /Zenobia|GPS/, derivative);
  }
  const content = await api.send("GET", `/v1/files/${fileId}/content?derivative=preview`);
  assert.equal(content.status, 302);

  const missing = assertProblem(await api.get("/v1/files/none"), 404, "not-found");
  const others = assertProblem(await api.get(`/v1/files/${other.fileId}`), 404, "not-found");
  assert.deepEqual({ ...others, requestId: "" }, { ...missing, requestId: "" });
  assert.deepEqual((await api.get<{ items: unknown[] }>("/v1/files")).body.items, []);
  assertProblem(await api.get("/v1/me"), 404, "not-found");
  assertProblem(await api.post("/v1/uploads", { files: [] }), 403, "insufficient-scope");
  assertProblem(await api.send("PATCH", `/v1/files/${fileId}`, { json: { name: "x" } }), 403);
  assertProblem(await api.get(`/v1/files/${fileId}/versions`), 403, "forbidden");
  assertProblem(await api.get(`/v1/files/${fileId}/links`), 403, "forbidden");
});

test("within a second of taking a link back nothing that it gave out works, and no URL lives longer than ten minutes", async () => {
  const { fileId } = await newFile();
  const { id, token } = await newLink(fileId);
  const api = await came(token);
  assert.equal((await api.get(`/v1/files/${fileId}`)).status, 200);
  const { expiresInSeconds } = await mintDownload(api, fileId, { derivative: "preview" });
  assert.ok(expiresInSeconds <= 600);
  assert.equal((await owner.api.delete(`/v1/files/${fileId}/links/${id}`)).status, 204);
  const atMs = Date.now();
  assertProblem(await api.get(`/v1/files/${fileId}`), 401, "unauthenticated");
  assertProblem(await api.post("/v1/downloads", { files: [{ id: fileId }] }), 401, "unauthenticated");
  assert.ok(Date.now() - atMs < 1000);
  assertProblem(await open(token), 404, "not-found");
});

test("a link that ends takes all with it, and is opened as often as it may be by many at once", async () => {
  const { fileId } = await newFile();
  const { token } = await newLink(fileId, { maxOpens: 5 });
  const answers = await Promise.all(Array.from({ length: 20 }, () => open(token)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 5);
  assert.ok(answers.every(({ status }) => status === 200 || status === 404));

  const expiresAt = new Date(Date.now() + 3000).toISOString();
  const short = await newLink(fileId, { expiresAt });
  const api = await came(short.token);
  const { expiresInSeconds } = await mintDownload(api, fileId, { derivative: "preview" });
  assert.ok(expiresInSeconds <= 3, `${expiresInSeconds}`);
  await sleep(3100);
  assertProblem(await api.get(`/v1/files/${fileId}`), 401, "unauthenticated");
  assertProblem(await open(short.token), 404, "not-found");
});

test("ten wrong passphrases lock a link for the right one too; the file in the trash opens for nobody", async () => {
  const { fileId } = await newFile();
  const { token } = await newLink(fileId, { passphrase: "correct horse" });
  assertProblem(await open(token), 403, "passphrase-required");
  await came(token, "correct horse");
  const tries = await Promise.all(Array.from({ length: 14 }, () => open(token, "wrong horse")));
  const codes = tries.map(({ body }) => body.code);
  assert.equal(codes.filter((code) => code === "passphrase-wrong").length, 10, codes.join());
  assertProblem(await open(token, "correct horse"), 429, "rate-limited");

  const second = await newLink(fileId);
  await deleteFile(owner.api, fileId);
  assertProblem(await open(second.token), 404, "not-found");
  await deleteFile(owner.api, fileId, "?permanent=true");
  assertProblem(await open(second.token), 404, "not-found");
});

test("others can't make, see or take back links to what is not theirs, and can't tell that there is any", async () => {
  const { fileId } = await newFile();
  const { id } = await newLink(fileId);
  for (const [method, path] of [
    ["POST", "links"],
    ["GET", "links"],
    ["DELETE", `links/${id}`],
  ] as const) {
    const json = method === "POST" ? { json: {} } : {};
    const theirs = await stranger.api.send(method, `/v1/files/${fileId}/${path}`, json);
    const nobodys = await stranger.api.send(method, `/v1/files/none/${path}`, json);
    const problem = { ...assertProblem(theirs, 404, "not-found"), requestId: "" };
    assert.deepEqual(problem, { ...assertProblem(nobodys, 404), requestId: "" });
  }
  const list = await owner.api.get<{ items: Link[] }>(`/v1/files/${fileId}/links`);
  assert.deepEqual(
    list.body.items.map((link) => [link.id, link.token, link.url]),
    [[id, undefined, undefined]],
  );
});

test("a link that is asked for twice under one key is one, and its secret is shown once", async () => {
  const { fileId } = await newFile();
  const make = (json: object) =>
    owner.api.send<Link & Problem>("POST", `/v1/files/${fileId}/links`, {
      json,
      headers: { "idempotency-key": "once" },
    });
  const answers = await Promise.all(Array.from({ length: 6 }, () => make({ maxOpens: 2 })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 200, 200, 200, 201]);
  assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1);
  assert.equal(answers.filter(({ body }) => body.token !== undefined).length, 1);
  assertProblem(await make({ maxOpens: 3 }), 422, "idempotency-key-reused");
});

test("a forged capability token is refused as any other, whatever is wrong with it", async () => {
  const { fileId } = await newFile();
  const genuine = (await came((await newLink(fileId)).token)).token ?? "";
  const other = decodeToken((await came((await newLink(fileId)).token)).token ?? "");
  const { header, claims } = decodeToken(genuine);
  const [head = "", , signature = ""] = genuine.split(".");
  const key = readSigningKey(server.dataDir);
  const oidc = decodeToken(owner.token);
  const withClaims = (changed: object) =>
    `${head}.${Buffer.from(JSON.stringify({ ...claims, ...changed })).toString("base64url")}.${signature}`;
  const forged: Readonly<Record<string, string>> = {
    "no algorithm": unsignedToken({ header: { ...header, alg: "none" }, claims }),
    "another secret": authenticateToken({ header, claims }, "another secret of thirty-two bytes!!"),
    "an empty secret": authenticateToken({ header, claims }, ""),
    "the issuer's key under our header": signToken({ header: { ...header, alg: "RS256" }, claims }, key),
    "the issuer's key and key id": signToken({ header: { ...oidc.header, typ: header.typ }, claims }, key),
    "an access token under our type": signToken(
      { header: { ...oidc.header, typ: header.typ }, claims: oidc.claims },
      key,
    ),
    "our claims as an access token of the issuer's": signToken({ header: oidc.header, claims }, key),
    "another right's id": withClaims({ jti: other.claims.jti }),
    "a later end": withClaims({ exp: Number(claims.exp) + 3600 }),
    "another audience": withClaims({ aud: "https://elsewhere.example" }),
    truncated: genuine.slice(0, -2),
    "without its signature": genuine.slice(0, genuine.lastIndexOf(".") + 1),
    "encoded twice": Buffer.from(genuine).toString("base64url"),
  };
  assert.equal((await createApi(server.api, genuine).get(`/v1/files/${fileId}`)).status, 200);
  for (const [what, token] of Object.entries(forged)) {
    noteToken("a forged capability token", token);
    const api = createApi(server.api, token);
    for (const path of [`/v1/files/${fileId}`, "/v1/files", "/v1/me"])
      assert.equal((await api.get(path)).status, 401, `${what}: ${path}`);
  }
});
