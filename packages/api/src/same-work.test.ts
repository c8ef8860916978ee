import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { ServicePorts } from "@stowage/core";
import { type ApiUnderTest, createApiUnderTest, intentOf } from "./api.testing.ts";

let api: ApiUnderTest;
let stranger: { authorization: string };
/** Names of the commands that the store was given since it was last looked. */
const commands: string[] = [];

/** Things that are there, and that a stranger may not see, by the folder of their addresses. */
const existing = new Map<string, { readonly what: string; readonly id: string }[]>();
const missing = "0192a000-0000-7000-8000-000000000000";

/** Commands that no request waits for. */
const inBackground: ReadonlySet<string> = new Set(["listSignedOut", "addAuditEvents"]);

/** Writes down the name of each command. */
function record(store: ServicePorts["metadata"]): void {
  for (const [name, method] of Object.entries(store)) {
    if (typeof method !== "function") continue;
    const recorded = (...given: unknown[]) => {
      if (!inBackground.has(name)) commands.push(name);
      return Reflect.apply(method, store, given);
    };
    Object.defineProperty(store, name, { value: recorded });
  }
}

const scopes = "files:read files:write uploads:write albums:write";

before(async () => {
  api = await createApiUnderTest();
  const owner = await api.as("owner", scopes);
  stranger = await api.as("stranger", scopes);
  const create = async (name: string, more: object = {}) => {
    const payload = { files: [{ ...intentOf(Buffer.from(name), `${name}.jpg`), ...more }] };
    const answer = await api.server.inject({ method: "POST", url: "/v1/uploads", headers: owner, payload });
    const { id, fileId } = answer.json().items[0].upload as { id: string; fileId: string };
    return { id, fileId };
  };
  const { metadata } = api.services;
  const finish = async (name: string, more: object = {}) => {
    const made = await create(name, more);
    await metadata.completeUpload({ uploadId: made.id, actor: "system" });
    const claimed = await metadata.claimUpload({ leaseMs: 1000 });
    const facts = { key: `files/${name}`, sizeBytes: 1, sha256: "ab".repeat(32), derivatives: [] };
    await metadata.finishUpload({
      uploadId: made.id,
      attempt: claimed?.attempt ?? 0,
      result: { kind: "ready", detail: "", facts: { ...facts, contentType: "image/jpeg" } },
      dooms: [],
    });
    return made;
  };
  const pending = await create("pending");
  const ready = await finish("ready");
  const trashed = await finish("trashed");
  await metadata.trashFile({ fileId: trashed.fileId, revision: 1, actor: "system" });
  const inAnHour = new Date(api.services.clock.nowMs() + 3_600_000).toISOString();
  const album = await api.server.inject({
    method: "POST",
    url: "/v1/albums",
    headers: owner,
    payload: { name: "sealed", revealAt: inAnHour },
  });
  const sealed = await finish("sealed", { albumId: album.json().id });
  assert.equal((await metadata.findFile(sealed.fileId))?.state, "sealed");
  existing.set("albums", [{ what: "a sealed album", id: album.json().id }]);
  existing.set("files", [
    { what: "a sealed file", id: sealed.fileId },
    { what: "a ready file", id: ready.fileId },
    { what: "a file in the trash", id: trashed.fileId },
    { what: "a file to be", id: pending.fileId },
  ]);
  existing.set("uploads", [
    { what: "a pending upload", id: pending.id },
    { what: "a ready upload", id: ready.id },
    { what: "an upload to a sealed album", id: sealed.id },
  ]);
  // Their row is made at the first request.
  await api.server.inject({ url: "/v1/me", headers: stranger });
  record(metadata);
});
after(() => api.close());

/** What a request must have beside its address, where that is not nothing. */
const bodies = new Map<string, object>([
  ["PATCH /v1/files/{id}", { name: "b.jpg" }],
  ["PUT /v1/files/{id}/grants/{userId}", {}],
  ["PATCH /v1/albums/{id}", { name: "b" }],
  ["PUT /v1/albums/{id}/members/{userId}", { role: "viewer" }],
  ["POST /v1/albums/{id}/invites", { role: "viewer" }],
  ["POST /v1/files/{id}/links", {}],
  ["POST /v1/files/{id}/invites", { email: "ann@example.com" }],
]);

interface Operation {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly resource: string;
}

/** Everything under the address of one thing. */
function operationsOf(document: object): Operation[] {
  const { paths } = document as { paths: Record<string, Record<string, unknown>> };
  return Object.entries(paths).flatMap(([path, methods]) => {
    const resource = /^\/v1\/([a-z]+)\/\{id\}/.exec(path)?.[1];
    if (resource === undefined) return [];
    return Object.keys(methods).map((method) => ({
      method: method.toUpperCase() as Operation["method"],
      path,
      resource,
    }));
  });
}

async function ask({ method, path }: Operation, id: string) {
  commands.length = 0;
  const url = path
    .replace("{id}", id)
    .replace("{version}", "1")
    .replaceAll(/\{\w+\}/g, missing);
  const payload = bodies.get(`${method} ${path}`);
  const { statusCode, body } = await api.server.inject({
    method,
    url,
    headers: { ...stranger, ...(method === "GET" ? {} : { "if-match": '"1"' }) },
    ...(payload ? { payload } : {}),
  });
  const told = body.replace(/"requestId":"[^"]*"/, "").replaceAll(id, "{id}");
  return { statusCode, told, commands: commands.toSorted() };
}

test("of what a stranger may not see every route does the same work as of what is not there, and says the same", async () => {
  let unseen = 0;
  for (const operation of operationsOf(api.server.swagger()))
    for (const { what, id } of existing.get(operation.resource) ?? []) {
      const asked = `${operation.method} ${operation.path} of ${what}`;
      const [there, notThere] = [await ask(operation, id), await ask(operation, missing)];
      assert.deepEqual(there, notThere, asked);
      if (there.statusCode !== 404) continue;
      unseen += 1;
      assert.ok(there.commands.length > 0, `${asked} looked at nothing`);
    }
  assert.ok(unseen >= 30, `${unseen} answers`);
});

test("so do downloads and completions of several", async () => {
  for (const [url, under, payloadOf] of [
    ["/v1/downloads", "files", (id: string) => ({ files: [{ id }] })],
    ["/v1/uploads/complete", "uploads", (id: string) => ({ ids: [id] })],
  ] as const)
    for (const { what, id } of existing.get(under) ?? []) {
      const work = async (one: string) => {
        commands.length = 0;
        const payload = payloadOf(one);
        const answer = await api.server.inject({ method: "POST", url, headers: stranger, payload });
        const told = answer.body.replaceAll(one, "{id}").replaceAll(/"requestId":"[^"]*"/g, "");
        return { statusCode: answer.statusCode, told, commands: commands.toSorted() };
      };
      assert.deepEqual(await work(id), await work(missing), `${url} of ${what}`);
    }
});
