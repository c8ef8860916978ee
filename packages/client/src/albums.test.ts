import assert from "node:assert/strict";
import { test } from "node:test";
import { createAlbums } from "./albums.ts";
import { ProblemError, UnexpectedAnswerError } from "./errors.ts";
import { answeringApi } from "./testing/answering-api.contract.ts";
import { problemOf } from "./testing/index.contract.ts";

const albumsOf = (api: ReturnType<typeof answeringApi>) =>
  createAlbums(api as unknown as Parameters<typeof createAlbums>[0]);

const album = { id: "a/b", name: "Trip", sealed: false, count: 0 };

test("asks for each thing of an album where api.md has it, ids in escapes", async () => {
  const list = { json: { items: [], nextCursor: null } };
  const gone = { status: 204 };
  const member = { json: { userId: "u", role: "viewer" } };
  const api = answeringApi(
    { json: album },
    list,
    { json: album },
    list,
    gone,
    list,
    member,
    gone,
    list,
    gone,
    {
      json: album,
    },
  );
  const albums = albumsOf(api);
  await albums.create({ name: "Trip", shotsPerMember: 3 });
  await albums.list({ limit: 2, cursor: "c" });
  await albums.get("a/b");
  await albums.files("a/b");
  await albums.removeFile("a/b", "f");
  await albums.members("a/b");
  await albums.setMember("a/b", "u", "viewer");
  await albums.removeMember("a/b", "u");
  await albums.invites("a/b");
  await albums.revokeInvite("a/b", "i");
  await albums.reveal("a/b");
  assert.deepEqual(api.asked, [
    ["POST /v1/albums", { name: "Trip", shotsPerMember: 3 }],
    ["GET /v1/albums?limit=2&cursor=c"],
    ["GET /v1/albums/a%2Fb"],
    ["GET /v1/albums/a%2Fb/files"],
    ["DELETE /v1/albums/a%2Fb/files/f"],
    ["GET /v1/albums/a%2Fb/members"],
    ["PUT /v1/albums/a%2Fb/members/u", { role: "viewer" }],
    ["DELETE /v1/albums/a%2Fb/members/u"],
    ["GET /v1/albums/a%2Fb/invites"],
    ["DELETE /v1/albums/a%2Fb/invites/i"],
    ["POST /v1/albums/a%2Fb/reveal"],
  ]);
});

test("changes an album as it is by then, and again where somebody else came between", async () => {
  const changed = { ...album, name: "Journey" };
  const precondition = new ProblemError(problemOf("precondition-failed", "It has changed."));
  const api = answeringApi(
    { json: album, etag: '"1"' },
    precondition,
    { json: album, etag: '"2"' },
    {
      json: changed,
    },
  );
  assert.deepEqual(await albumsOf(api).update("a", { name: "Journey" }), changed);
  assert.deepEqual(api.asked, [
    ["GET /v1/albums/a"],
    ["PATCH /v1/albums/a", { name: "Journey" }, '"1"'],
    ["GET /v1/albums/a"],
    ["PATCH /v1/albums/a", { name: "Journey" }, '"2"'],
  ]);
  const already = answeringApi({ json: changed, etag: '"3"' });
  assert.deepEqual(await albumsOf(already).update("a", { name: "Journey" }), changed);
});

test("a change that is refused all the time ends, and an answer without a revision is none of Stowage's", async () => {
  const never = Array.from({ length: 5 }, () => [
    { json: album, etag: '"1"' },
    new ProblemError(problemOf("precondition-failed", "It has changed.")),
  ]).flat();
  await assert.rejects(albumsOf(answeringApi(...never)).update("a", { name: "b" }), {
    code: "precondition-failed",
  });
  await assert.rejects(albumsOf(answeringApi({ json: album })).remove("a"), UnexpectedAnswerError);
});

test("an album that is gone after a try whose answer was lost was deleted by it, and one that never was is not", async () => {
  const missing = () => new ProblemError(problemOf("not-found", "There is nothing here."));
  await albumsOf(answeringApi({ json: album, etag: '"1"' }, missing())).remove("a");
  const unknown = answeringApi({ json: album, etag: '"1"' }, { status: 204 });
  await albumsOf(unknown).remove("a");
  const refused = new ProblemError(problemOf("sealed", "There is something in it."));
  await assert.rejects(albumsOf(answeringApi({ json: album, etag: '"1"' }, refused)).remove("a"), {
    code: "sealed",
  });
});

test("an invite whose token was lost with its answer is taken back, and another one made", async () => {
  const invite = { id: "i", role: "viewer" };
  const api = answeringApi({ json: invite }, { status: 204 }, { json: { ...invite, id: "j", token: "t" } });
  assert.equal((await albumsOf(api).invite("a", { role: "viewer" })).token, "t");
  assert.deepEqual(
    api.asked.map(([what]) => what),
    ["POST /v1/albums/a/invites", "DELETE /v1/albums/a/invites/i", "POST /v1/albums/a/invites"],
  );
});
