// Every route × everybody × everything there is, held to the rule in rule.ts. A route joins by being in /openapi.json: one that
// operations.ts does not classify fails.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { createApi } from "../harness/api-client.ts";
import { listAll } from "../harness/files.ts";
import { type Server, startServer } from "../harness/start-server.ts";
import { waitFor } from "../harness/wait-for.ts";
import type { CompleteBatchAnswer, DownloadsAnswer, Page } from "../harness/wire.ts";
import { addressOf, askAs, told } from "./asking.ts";
import { type AboutFile, type AboutUpload, sinks } from "./operations.ts";
import type { Viewer } from "./people.ts";
import { lists, type MadeFile, rightsTo } from "./rule.ts";
import { makeWorld, type World } from "./world.ts";

let server: Server;
let world: World;

before(async () => {
  server = await startServer();
  world = await makeWorld(server);
});
after(() => server.stop());

const methods: ReadonlySet<string> = new Set(["get", "put", "post", "patch", "delete"]);

test("every operation of the document is classified, and nothing else is", async () => {
  const { body } = await createApi(server.api).get<{ paths: Record<string, object> }>("/openapi.json");
  const operations = Object.entries(body.paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((method) => methods.has(method))
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
  assert.deepEqual(operations.sort(), [...sinks.keys()].sort());
});

const split = (operation: string): readonly [string, string] => {
  const [method = "", path = ""] = operation.split(" ");
  return [method, path];
};

const ofKind = <Kind extends "file" | "upload" | "own" | "open">(kind: Kind) =>
  [...sinks].filter(
    (entry): entry is [string, Extract<(typeof entry)[1], { kind: Kind }>] => entry[1].kind === kind,
  );

function askAbout(viewer: Viewer, operation: string, sink: AboutFile | AboutUpload, id: string) {
  const [method, path] = split(operation);
  const address = addressOf(path, { ...sink.parameters, id: () => id });
  return askAs(viewer, world.files, {
    method,
    path: sink.queryParameter === undefined ? address : `${address}?${sink.queryParameter}=${id}`,
    ...(sink.json ? { json: sink.json() } : {}),
  });
}

/** Whether they get no further than their token: without one, or with one that lacks the scope, all is refused alike. */
const isTurnedAway = (status: number, text: string): boolean =>
  status === 401 || (status === 403 && text.includes('"insufficient-scope"'));

for (const [operation, sink] of ofKind("file"))
  test(`${operation} answers everybody as the rule says of every file`, async () => {
    for (const viewer of world.viewers) {
      const missing = randomUUID();
      const ofNothing = told(await askAbout(viewer, operation, sink, missing), missing);
      const isNobody = viewer.api.token === undefined || viewer.isRefused === true;
      if (isNobody) assert.equal(ofNothing.status, 401, `${operation} by ${viewer.name}`);
      else assert.ok(isTurnedAway(ofNothing.status, ofNothing.text) || ofNothing.status === 404);
      for (const file of world.files) {
        const answer = await askAbout(viewer, operation, sink, file.id);
        const asked = `${operation} of ${file.what} by ${viewer.name}: ${answer.status} ${answer.text.slice(0, 300)}`;
        const rights = isNobody && !sink.isOpen ? new Set() : rightsTo(viewer, file);
        if (!rights.has("read")) assert.deepEqual(told(answer, file.id), ofNothing, asked);
        else if (!rights.has(sink.needs)) assert.equal(answer.status, 403, asked);
        else if (sink.isContent && file.state !== "ready") assert.equal(answer.status, 404, asked);
        // A token that lets one read may not let one write.
        else if (sink.needs === "read" || !isTurnedAway(answer.status, answer.text))
          assert.ok(sink.reached.includes(answer.status), asked);
      }
    }
  });

for (const [operation, sink] of ofKind("upload"))
  test(`${operation} tells of an upload to its maker alone`, async () => {
    for (const viewer of world.viewers) {
      if (viewer === world.owner) continue;
      const missing = randomUUID();
      const ofNothing = told(await askAbout(viewer, operation, sink, missing), missing);
      assert.ok([401, 403, 404].includes(ofNothing.status), `${viewer.name}: ${ofNothing.status}`);
      for (const { what, uploadId } of world.files) {
        const answer = await askAbout(viewer, operation, sink, uploadId);
        assert.deepEqual(told(answer, uploadId), ofNothing, `${operation} of ${what} by ${viewer.name}`);
      }
    }
  });

for (const [operation, sink] of [...ofKind("own"), ...ofKind("open")])
  test(`${operation} tells nobody of anything that they may not see`, async () => {
    const [method, path] = split(operation);
    for (const viewer of world.viewers) {
      const json = "json" in sink && sink.json ? { json: sink.json() } : {};
      await askAs(viewer, world.files, { method, path, ...json });
    }
  });

/** Who has a token that is good for something. */
const admitted = () => world.viewers.filter(({ api, isRefused }) => api.token !== undefined && !isRefused);

for (const [query, isListed] of lists)
  test(`the list of files by "${query}" is the rule applied to everything`, async () => {
    for (const viewer of admitted()) {
      const found = await listAll<{ id: string }>(viewer.api, `/v1/files?${query}`, 2);
      const expected = world.files.filter((file) => isListed(viewer, file));
      assert.deepEqual(
        found.map(({ id }) => whatOf(id)).sort(),
        expected.map(({ what }) => what).sort(),
        viewer.name,
      );
      await askAs(viewer, world.files, { method: "GET", path: `/v1/files?${query}` });
    }
  });

const whatOf = (id: string): string =>
  world.files.find((file) => file.id === id)?.what ?? `a file ${id} of nobody`;

test("a search for what a file is named or marked with finds it for who may see it in such a list alone", async () => {
  for (const viewer of admitted())
    for (const file of world.files) {
      const [name, value] = file.marks;
      for (const query of [`q=${name}`, ...(value ? [`metadata.mark=${value}`] : [])]) {
        const { body } = await viewer.api.get<Page<{ id: string }>>(`/v1/files?${query}`);
        const isFound = viewer.userId === file.ownerId && file.state === "ready";
        assert.deepEqual(
          body.items.map(({ id }) => id),
          isFound ? [file.id] : [],
          `${query} of ${file.what} by ${viewer.name}`,
        );
      }
    }
});

test("downloads of several are decided one by one", async () => {
  for (const viewer of admitted()) {
    const missing = randomUUID();
    const ids = [...world.files.map(({ id }) => id), missing];
    for (const derivative of ["original", "thumbnail", "preview", "no-such"]) {
      const json = { files: ids.map((id) => ({ id, derivative })) };
      const answer = await askAs(viewer, world.files, { method: "POST", path: "/v1/downloads", json });
      const { items } = answer.body as DownloadsAnswer;
      const ofNothing = items.at(-1)?.problem;
      assert.equal(ofNothing?.status, 404);
      for (const [index, file] of world.files.entries()) {
        const item = items[index];
        const asked = `${derivative} of ${file.what} by ${viewer.name}: ${JSON.stringify(item)}`;
        if (rightsTo(viewer, file).has("read") && file.state === "ready" && derivative !== "no-such")
          assert.ok(item?.request || item?.problem?.code === "derivative-pending", asked);
        else assert.deepEqual(item?.problem?.status, 404, asked);
        if (!rightsTo(viewer, file).has("read")) assert.deepEqual(item?.problem, ofNothing, asked);
      }
    }
  }
});

test("completions of several, and uploads by their ids, are their makers' alone", async () => {
  for (const viewer of admitted()) {
    if (viewer === world.owner) continue;
    const ids = [...world.files.map(({ uploadId }) => uploadId), randomUUID()];
    const completed = await askAs(viewer, world.files, {
      method: "POST",
      path: "/v1/uploads/complete",
      json: { ids },
    });
    if (!isTurnedAway(completed.status, completed.text))
      assert.deepEqual(
        new Set((completed.body as CompleteBatchAnswer).items.map(({ problem }) => JSON.stringify(problem)))
          .size,
        1,
        viewer.name,
      );
    for (const query of [`ids=${ids.join(",")}`, "", "state=ready", "state=pending"]) {
      const { body } = await askAs(viewer, world.files, { method: "GET", path: `/v1/uploads?${query}` });
      const found = (body as Page<{ id: string }>).items.map(({ id }) => id);
      assert.deepEqual(
        found.filter((id) => ids.includes(id)),
        [],
        `${query} by ${viewer.name}`,
      );
    }
  }
});

test("what was done is told whole to whose scope says so alone, in ids", async () => {
  for (const viewer of world.viewers)
    for (const query of ["", `actorId=${world.owner.userId}`]) {
      const answer = await askAs(viewer, [], { method: "GET", path: `/v1/audit?${query}` });
      const isOperator = viewer.scope?.includes("audit:read");
      const isNobody = viewer.api.token === undefined || viewer.isRefused;
      assert.equal(answer.status, isOperator ? 200 : isNobody ? 401 : 403, `${query} by ${viewer.name}`);
      for (const mark of world.files.flatMap(({ marks }) => marks))
        assert.ok(!answer.text.includes(mark), mark);
      if (isOperator) assert.ok(answer.text.includes(world.owner.userId));
    }
});

test("signing out everywhere ends whoever asks for it, and nobody else", async () => {
  const path = "/v1/me/sign-out-everywhere";
  for (const viewer of world.viewers.filter((one) => !admitted().includes(one)))
    assert.equal((await askAs(viewer, world.files, { method: "POST", path })).status, 401, viewer.name);
  const leaving = await world.addPerson();
  const answer = await askAs(leaving, world.files, { method: "POST", path });
  assert.ok(answer.status < 300, answer.text);
  const ended = await waitFor("the token to end", async () => {
    const { status } = await leaving.api.get("/v1/me");
    return status !== 200 && status;
  });
  assert.equal(ended, 401);
  for (const { api, name } of admitted()) assert.equal((await api.get("/v1/me")).status, 200, name);
});

interface Archive {
  readonly id: string;
  readonly state: string;
  readonly parts: readonly { readonly request: { readonly url: string } }[];
  readonly leftOut: readonly { readonly fileId: string; readonly reason: string }[];
}

test("archives hold what the rule lets one have, are told to who asked alone, and tell nobody what there is", async () => {
  for (const viewer of admitted()) {
    const missing = randomUUID();
    const fileIds = [...world.files.map(({ id }) => id), missing];
    const asked = await askAs(viewer, [], { method: "POST", path: "/v1/archives", json: { fileIds } });
    if (isTurnedAway(asked.status, asked.text)) continue;
    assert.equal(asked.status, 202, `${viewer.name}: ${asked.text}`);
    const { id } = (asked.body as { archive: Archive }).archive;
    const archive = await waitFor("an archive to be made", async () => {
      const { body } = await viewer.api.get<{ archive: Archive }>(`/v1/archives/${id}`);
      return ["waiting", "making"].includes(body.archive.state) ? undefined : body.archive;
    });
    const leftOut = new Map(archive.leftOut.map(({ fileId, reason }) => [fileId, reason]));
    const packed = world.files.filter((file) => rightsTo(viewer, file).has("read") && file.state === "ready");
    assert.equal(archive.state, packed.length > 0 ? "ready" : "failed", viewer.name);
    for (const file of world.files) {
      const isPacked = packed.includes(file);
      const expected = isPacked
        ? undefined
        : rightsTo(viewer, file).has("read")
          ? "not-ready"
          : "not-visible";
      if (archive.state === "ready")
        assert.equal(leftOut.get(file.id), expected, `${file.what} for ${viewer.name}`);
    }
    for (const other of world.viewers) {
      if (other === viewer) continue;
      const ofNothing = told(
        await askAs(other, [], { method: "GET", path: `/v1/archives/${missing}` }),
        missing,
      );
      const answer = await askAs(other, [], { method: "GET", path: `/v1/archives/${id}` });
      assert.deepEqual(told(answer, id), ofNothing, `${other.name} asks for the archive of ${viewer.name}`);
    }
  }
});

test("deleting an account ends whoever asks for it, and nobody else", async () => {
  const json = { confirm: "delete everything" };
  for (const viewer of world.viewers.filter((one) => !admitted().includes(one)))
    assert.equal(
      (await askAs(viewer, [], { method: "DELETE", path: "/v1/me", json })).status,
      401,
      viewer.name,
    );
  const leaving = await world.addPerson();
  const answer = await askAs(leaving, world.files, { method: "DELETE", path: "/v1/me", json });
  assert.equal(answer.status, 204, answer.text);
  await waitFor(
    "the token to end",
    async () => (await leaving.api.get("/v1/me")).status === 401 || undefined,
  );
  for (const { api, name } of admitted()) assert.equal((await api.get("/v1/me")).status, 200, name);
});

test("metrics and the log name no file and nobody", async () => {
  const { text } = await createApi(server.api).get("/metrics");
  assert.match(text, /^stowage_/m);
  const people = world.viewers.flatMap(({ userId }) => userId ?? []);
  for (const { id, uploadId, marks } of world.files)
    for (const secret of [id, uploadId, ...marks, ...people]) assert.ok(!text.includes(secret), secret);
  const log = server.log();
  for (const { what, marks } of world.files)
    for (const mark of marks) assert.ok(!log.includes(mark), `the log tells "${mark}" of ${what}`);
});

const stateOf = ({ state }: MadeFile): string => (state === "none" ? "404" : state);

test("after all of that everything of the owner's is as it was", async () => {
  for (const file of world.files) {
    const { status, body } = await world.owner.api.get<{ state: string }>(`/v1/files/${file.id}`);
    assert.equal(status === 200 ? body.state : String(status), stateOf(file), file.what);
  }
});
