import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { type Answer, createApi, type SendOptions } from "./harness/api-client.ts";
import { askAlbumLinks } from "./harness/ask-album-links.ts";
import { askSharing } from "./harness/ask-sharing.ts";
import { askTokens } from "./harness/ask-tokens.ts";
import { makePng } from "./harness/images.ts";
import { type Json, misfits, resolveRef } from "./harness/json-schema.ts";
import { createMultipart, sendParts } from "./harness/multipart.ts";
import { checkoutDir } from "./harness/run-cli.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { createUpload, emptyPromise, sendUpload, uploadToEnd } from "./harness/upload.ts";
import { makeVideo } from "./harness/videos.ts";
import { waitFor } from "./harness/wait-for.ts";

let server: Server;
let person: Person;
let document: Json;
/** `GET /v1/files/{id}` → its operation. */
let operations: Map<string, Json>;

const methods = ["get", "put", "post", "patch", "delete", "head"];

before(async () => {
  server = await startServer();
  person = await addPerson(server);
  document = (await createApi(server.api).get<Json>("/openapi.json")).body;
  operations = new Map(
    Object.entries((document.paths ?? {}) as Record<string, Record<string, Json>>).flatMap(([path, item]) =>
      Object.entries(item)
        .filter(([method]) => methods.includes(method))
        .map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
    ),
  );
});
after(() => server.stop());

/** The operation's answer of that status, or its default one. */
function documentedAnswer(operation: string, status: number): Json | undefined {
  const responses = operations.get(operation)?.responses as Record<string, Json> | undefined;
  const found = [String(status), `${String(status)[0]}XX`, "default"]
    .map((key) => (responses && Object.hasOwn(responses, key) ? responses[key] : undefined))
    .find((one) => one !== undefined);
  return found && resolveRef(document, found);
}

/** How an answer differs from what the document says of it; nothing where it doesn't. */
function undocumentedIn(operation: string, answer: Answer): string[] {
  const what = `${operation} ${answer.status}`;
  const documented = documentedAnswer(operation, answer.status);
  if (!documented) return [`${what}: is not documented`];
  if (answer.text === "") return [];
  const content = (documented.content ?? {}) as Record<string, { schema?: Json }>;
  const type = (answer.headers.get("content-type") ?? "").replace(/;.*/, "");
  const schema = content[type]?.schema;
  if (!schema) return [`${what}: has no schema as ${type}`];
  const said = /json$/.test(type) ? answer.body : answer.text;
  return misfits(document, schema, said).map((misfit) => `${what} ${misfit}`);
}

test("/openapi.json is OpenAPI 3.1 and open to everyone", () => {
  assert.match(String(document.openapi), /^3\.1\.\d+$/);
  const { title, version } = document.info as { title: string; version: string };
  assert.ok(title && version);
  assert.ok(operations.size >= 14, [...operations.keys()].join(", "));
});

test("every reference in it leads somewhere, and every path parameter is described", () => {
  for (const [, ref] of JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g))
    resolveRef(document, { $ref: ref });
  for (const [name, operation] of operations) {
    const wanted = [...name.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
    const described = ((operation.parameters ?? []) as Json[])
      .map((parameter) => resolveRef(document, parameter))
      .filter((parameter) => parameter.in === "path")
      .map((parameter) => parameter.name);
    assert.deepEqual(described, wanted, name);
    assert.ok(operation.summary, `${name} has no summary`);
  }
});

/** Of what is below /v1: where a token is not needed. */
const openToEveryone: ReadonlySet<string> = new Set([
  "GET /v1/files/{id}/content",
  "POST /v1/invites/accept",
  "POST /v1/invites/preview",
  "POST /v1/links/open",
]);

test("its operations say that they want a token, but for those that don't", () => {
  // An empty requirement: there is a way without.
  const isOpen = (operation: Json) => {
    const ways = (operation.security ?? document.security ?? []) as object[];
    return ways.length === 0 || ways.some((way) => Object.keys(way).length === 0);
  };
  for (const [name, operation] of operations)
    assert.equal(
      isOpen(operation),
      !name.includes(" /v1/") || openToEveryone.has(name),
      `${name}: ${JSON.stringify(operation.security)}`,
    );
});

test("what each route answers is what it says, member by member", async () => {
  const { api } = person;
  const pending = await createUpload(api, emptyPromise(10));
  const sent = await sendUpload(api, await makePng());
  const ready = await uploadToEnd(api, await makePng());
  const rejected = await uploadToEnd(api, Buffer.from("no picture"));
  const file = `/v1/files/${ready.fileId}`;
  const wrong: string[] = [];
  const ask = async (operation: string, path: string, options: SendOptions = {}) => {
    const answer = await api.send(operation.split(" ")[0] ?? "", path, options);
    wrong.push(...undocumentedIn(operation, answer));
    return answer;
  };
  const statuses: [string, number][] = [];
  const asked = async (operation: string, path: string, status: number, options: SendOptions = {}) => {
    const answer = await ask(operation, path, options);
    assert.equal(answer.status, status, `${operation}: ${answer.text.slice(0, 300)}`);
    statuses.push([operation, status]);
    return answer;
  };

  const links = `${file}/links`;
  const { body: link } = await asked("POST /v1/files/{id}/links", links, 201, {
    json: { passphrase: "correct horse" },
  });
  const { id: linkId, token } = link as { id: string; token: string };
  await asked("POST /v1/files/{id}/links", links, 400, { json: { maxOpens: 0 } });
  await asked("GET /v1/files/{id}/links", links, 200);
  await asked("POST /v1/links/open", "/v1/links/open", 403, { json: { token } });
  await asked("POST /v1/links/open", "/v1/links/open", 200, { json: { token, passphrase: "correct horse" } });
  await asked("DELETE /v1/files/{id}/links/{linkId}", `${links}/${linkId}`, 204);
  await asked("DELETE /v1/files/{id}/links/{linkId}", `${links}/${linkId}`, 404);
  await asked("POST /v1/links/open", "/v1/links/open", 404, { json: { token } });
  await askAlbumLinks(asked);
  await askTokens(asked);
  await asked("GET /v1/me", "/v1/me", 200);
  await asked("POST /v1/uploads", "/v1/uploads", 201, { json: { files: [emptyPromise(10)] } });
  await asked("POST /v1/uploads", "/v1/uploads", 400, { json: { files: [{}] } });
  await asked("POST /v1/uploads", "/v1/uploads", 413, { json: { files: [emptyPromise(30_000_000)] } });
  await asked("POST /v1/uploads", "/v1/uploads", 415, {
    json: { files: [emptyPromise(10, { contentType: "a/b" })] },
  });
  await asked("GET /v1/uploads", "/v1/uploads?limit=2", 200);
  await asked("GET /v1/uploads/{id}", `/v1/uploads/${pending.id}`, 200);
  await asked("GET /v1/uploads/{id}", `/v1/uploads/${ready.id}`, 200);
  await asked("GET /v1/uploads/{id}", `/v1/uploads/${rejected.id}`, 200);
  await asked("GET /v1/uploads/{id}", "/v1/uploads/none", 404);
  await asked("POST /v1/uploads/{id}/urls", `/v1/uploads/${pending.id}/urls`, 200, { json: {} });
  const { upload: inParts, parts } = await createMultipart(api, makeVideo(20_000_001));
  await sendParts(api, inParts.id, parts.slice(0, 1));
  const declared = { partNumber: 2, sha256: "0".repeat(64) };
  const urls = "POST /v1/uploads/{id}/urls";
  await asked(urls, `/v1/uploads/${inParts.id}/urls`, 200, { json: { parts: [declared] } });
  await asked(urls, `/v1/uploads/${inParts.id}/urls`, 400, { json: { parts: [declared, declared] } });
  await asked(urls, `/v1/uploads/${pending.id}/urls`, 409, { json: { as: "multipart" } });
  await asked("GET /v1/uploads/{id}/parts", `/v1/uploads/${inParts.id}/parts`, 200);
  await asked("GET /v1/uploads/{id}/parts", "/v1/uploads/none/parts", 404);
  await asked("POST /v1/uploads/{id}/complete", `/v1/uploads/${inParts.id}/complete`, 409);
  await asked("POST /v1/uploads/{id}/complete", `/v1/uploads/${sent.id}/complete`, 202);
  await asked("POST /v1/uploads/{id}/complete", `/v1/uploads/${pending.id}/complete`, 409);
  await asked("POST /v1/uploads/complete", "/v1/uploads/complete", 202, { json: { ids: [sent.id, "none"] } });
  await asked("DELETE /v1/uploads/{id}", `/v1/uploads/${pending.id}`, 200);
  await asked("DELETE /v1/uploads/{id}", `/v1/uploads/${ready.id}`, 409);
  await asked("POST /v1/store-events", "/v1/store-events", 401, { json: { Records: [] } });
  await asked("GET /v1/files", "/v1/files?limit=2", 200);
  await asked("GET /v1/files", "/v1/files?limit=0", 400);
  const { headers } = await asked("GET /v1/files/{id}", file, 200);
  const etag = headers.get("etag") ?? "";
  await asked("GET /v1/files/{id}", file, 304, { headers: { "if-none-match": etag } });
  await asked("GET /v1/files/{id}/content", `${file}/content`, 302);
  await asked("GET /v1/files/{id}/content", "/v1/files/none/content", 404);
  await asked("GET /v1/audit", `/v1/audit?fileId=${ready.fileId}`, 200);
  await asked("GET /v1/audit", "/v1/audit?fileId=none", 404);
  await asked("GET /v1/audit", "/v1/audit", 403);
  await asked("POST /v1/downloads", "/v1/downloads", 200, {
    json: { files: [{ id: ready.fileId }, { id: "none" }] },
  });
  await asked("DELETE /v1/files/{id}", file, 428);
  await asked("DELETE /v1/files/{id}", file, 412, { headers: { "if-match": '"stale"' } });
  const change = "PATCH /v1/files/{id}";
  await asked(change, file, 428, { json: { name: "b.png" } });
  await asked(change, file, 412, { json: { name: "b.png" }, headers: { "if-match": '"stale"' } });
  await asked(change, file, 400, { json: { name: "" }, headers: { "if-match": etag } });
  const changed = await asked(change, file, 200, { json: { name: "b.png" }, headers: { "if-match": etag } });
  const renamed = changed.headers.get("etag") ?? "";
  const trashed = await ask("DELETE /v1/files/{id}", file, { headers: { "if-match": renamed } });
  assert.ok(trashed.status === 200 || trashed.status === 204);
  const current = (await api.get(file)).headers.get("etag") ?? "";
  await asked(change, file, 409, { json: { name: "c.png" }, headers: { "if-match": current } });
  await asked("POST /v1/files/{id}/restore", `${file}/restore`, 200, { headers: { "if-match": current } });
  const replaces = { fileId: ready.fileId, version: 1 };
  const replacing = await uploadToEnd(api, await makePng(), { replaces });
  await asked("GET /v1/uploads/{id}", `/v1/uploads/${replacing.id}`, 200);
  await uploadToEnd(api, await makePng(), { replaces });
  await asked("GET /v1/files/{id}", file, 200);
  await asked("GET /v1/files/{id}/versions", `${file}/versions?limit=2`, 200);
  await asked("GET /v1/files/{id}/versions", "/v1/files/none/versions", 404);
  const etagNow = async () => ({ "if-match": (await api.get(file)).headers.get("etag") ?? "" });
  const choose = "POST /v1/files/{id}/versions/{version}/restore";
  await asked(choose, `${file}/versions/3/restore`, 428);
  await asked(choose, `${file}/versions/3/restore`, 200, { headers: await etagNow() });
  await asked(choose, `${file}/versions/x/restore`, 400, { headers: await etagNow() });
  const drop = "DELETE /v1/files/{id}/versions/{version}";
  await asked(drop, `${file}/versions/3`, 409, { headers: await etagNow() });
  await asked(drop, `${file}/versions/1`, 200, { headers: await etagNow() });
  await asked(drop, `${file}/versions/1`, 404, { headers: await etagNow() });
  const packed = await asked("POST /v1/archives", "/v1/archives", 202, {
    json: { fileIds: [ready.fileId, "none"] },
  });
  const { archive } = packed.body as { archive: { id: string } };
  await asked("POST /v1/archives", "/v1/archives", 400, { json: { fileIds: [] } });
  await waitFor("the archive to be made", async () => {
    const { body } = await api.get<{ archive: { state: string } }>(`/v1/archives/${archive.id}`);
    return body.archive.state === "ready";
  });
  await asked("GET /v1/archives/{id}", `/v1/archives/${archive.id}`, 200);
  await asked("GET /v1/archives/{id}", "/v1/archives/none", 404);
  await asked("POST /v1/me/export", "/v1/me/export", 202);
  const profile = "PATCH /v1/me";
  const json = { name: "Somebody" };
  await asked(profile, "/v1/me", 428, { json });
  await asked(profile, "/v1/me", 200, { json, headers: { "if-match": "*" } });
  await asked(profile, "/v1/me", 412, { json, headers: { "if-match": '"r1"' } });
  await asked(profile, "/v1/me", 400, { json: { name: "" }, headers: { "if-match": "*" } });
  await asked("DELETE /v1/me", "/v1/me", 400, { json: { confirm: "perhaps" } });
  const [leaving, gone] = [await addPerson(server), await addPerson(server)];
  for (const [operation, who, json] of [
    ["POST /v1/me/sign-out-everywhere", leaving, {}],
    ["DELETE /v1/me", gone, { confirm: "delete everything" }],
  ] as const) {
    const [method = "", path = ""] = operation.split(" ");
    const answer = await who.api.send(method, path, { json });
    assert.equal(answer.status, 204, answer.text);
    wrong.push(...undocumentedIn(operation, answer));
    statuses.push([operation, answer.status]);
  }
  await askSharing(asked, file);
  await askOfAlbums(asked, ready.fileId);
  await asked("GET /.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource", 200);
  await asked("GET /healthz", "/healthz", 200);
  await asked("GET /metrics", "/metrics", 200);
  await asked("GET /readyz", "/readyz", 200);
  assert.deepEqual(wrong, []);
  const visited = new Set(statuses.map(([operation]) => operation));
  visited.add("DELETE /v1/files/{id}").add("GET /openapi.json");
  const unvisited = [...operations.keys()].filter((operation) => !visited.has(operation));
  assert.deepEqual(unvisited, [], "no suite asks these");
});

type Asked = (operation: string, path: string, status: number, options?: SendOptions) => Promise<Answer>;

async function askOfAlbums(asked: Asked, fileId: string): Promise<void> {
  const made = await asked("POST /v1/albums", "/v1/albums", 201, { json: { name: "a", shotsPerMember: 2 } });
  await asked("POST /v1/albums", "/v1/albums", 400, { json: { name: "" } });
  const { id } = made.body as { id: string };
  const path = `/v1/albums/${id}`;
  const headers = { "if-match": "*" };
  await asked("GET /v1/albums", "/v1/albums?limit=2", 200);
  await asked("GET /v1/albums/{id}", path, 200);
  await asked("GET /v1/albums/{id}", "/v1/albums/none", 404);
  await asked("PATCH /v1/albums/{id}", path, 428, { json: { name: "b" } });
  await asked("PATCH /v1/albums/{id}", path, 200, { json: { name: "b" }, headers });
  await asked("POST /v1/albums/{id}/reveal", `${path}/reveal`, 409);
  await asked("PATCH /v1/files/{id}", `/v1/files/${fileId}`, 200, { json: { albumIds: [id] }, headers });
  await asked("GET /v1/albums/{id}/files", `${path}/files`, 200);
  await asked("GET /v1/files", `/v1/files?albumId=${id}`, 200);
  await asked("GET /v1/files/{id}", `/v1/files/${fileId}`, 200);
  await asked("DELETE /v1/albums/{id}/files/{fileId}", `${path}/files/${fileId}`, 204);
  await asked("DELETE /v1/albums/{id}/files/{fileId}", `${path}/files/${fileId}`, 404);
  const member = `${path}/members/somebody`;
  await asked("PUT /v1/albums/{id}/members/{userId}", member, 200, { json: { role: "viewer" } });
  await asked("PUT /v1/albums/{id}/members/{userId}", member, 400, { json: { role: "king" } });
  await asked("GET /v1/albums/{id}/members/{userId}", member, 200);
  await asked("GET /v1/albums/{id}/members", `${path}/members`, 200);
  await asked("DELETE /v1/albums/{id}/members/{userId}", member, 204);
  await asked("DELETE /v1/albums/{id}/members/{userId}", member, 404);
  const invites = `${path}/invites`;
  const invited = await asked("POST /v1/albums/{id}/invites", invites, 201, { json: { role: "viewer" } });
  const { id: inviteId, token } = invited.body as { id: string; token: string };
  await asked("POST /v1/albums/{id}/invites", invites, 400, { json: { role: "owner" } });
  await asked("GET /v1/albums/{id}/invites", invites, 200);
  await asked("POST /v1/invites/preview", "/v1/invites/preview", 200, { json: { token } });
  await asked("POST /v1/invites/accept", "/v1/invites/accept", 200, { json: { token } });
  await asked("DELETE /v1/albums/{id}/invites/{inviteId}", `${invites}/${inviteId}`, 204);
  await asked("DELETE /v1/albums/{id}/invites/{inviteId}", `${invites}/${inviteId}`, 404);
  await asked("POST /v1/invites/accept", "/v1/invites/accept", 404, { json: { token } });
  await asked("POST /v1/invites/preview", "/v1/invites/preview", 404, { json: { token } });
  await asked("DELETE /v1/albums/{id}", path, 204, { headers });
  const revealAt = new Date(Date.now() + 3_600_000).toISOString();
  const sealed = await asked("POST /v1/albums", "/v1/albums", 201, { json: { name: "a", revealAt } });
  const { id: sealedId } = sealed.body as { id: string };
  const uploaded = await uploadToEnd(person.api, await makePng(), { albumId: sealedId });
  await asked("GET /v1/uploads/{id}", `/v1/uploads/${uploaded.id}`, 200);
  await asked("GET /v1/uploads", "/v1/uploads?limit=1", 200);
  await asked("GET /v1/albums/{id}/files", `/v1/albums/${sealedId}/files`, 404);
  await asked("DELETE /v1/albums/{id}", `/v1/albums/${sealedId}`, 409, { headers });
  await asked("POST /v1/albums/{id}/reveal", `/v1/albums/${sealedId}/reveal`, 200);
}

test("the README's table has every operation of /openapi.json and no other", () => {
  const readme = readFileSync(join(checkoutDir, "acceptance", "README.md"), "utf8");
  const rows = [...readme.matchAll(/^\| `([A-Z]+ \/[^`]*)` +\|/gm)].map(([, operation]) => operation ?? "");
  const published = [...operations.keys()].filter((operation) => operation !== "GET /openapi.json");
  assert.deepEqual(rows.filter((operation) => operation !== "GET /openapi.json").sort(), published.sort());
});

test("liveness and readiness are open, and readiness names each dependency", async () => {
  const anonymous = createApi(server.api);
  const health = await anonymous.get("/healthz");
  assert.equal(health.status, 200);
  const readiness = await anonymous.get("/readyz");
  assert.equal(readiness.status, 200);
  for (const dependency of ["database", "bucket|store|objects"])
    assert.match(readiness.text, new RegExp(dependency, "i"));
  for (const path of ["/healthz", "/readyz", "/openapi.json"]) {
    const head = await anonymous.send("HEAD", path);
    assert.ok(head.status === 200 || head.status === 405, `HEAD ${path}: ${head.status}`);
  }
});
