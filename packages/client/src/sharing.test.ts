import assert from "node:assert/strict";
import { test } from "node:test";
import { ProblemError } from "./errors.ts";
import { createSharing } from "./sharing.ts";
import { answeringApi } from "./testing/answering-api.contract.ts";
import { problemOf } from "./testing/index.contract.ts";

const sharingOf = (api: ReturnType<typeof answeringApi>) => createSharing(api);

test("asks for each thing of sharing where api.md has it", async () => {
  const list = { json: { items: [], nextCursor: null } };
  const gone = { status: 204 };
  const grant = { json: { userId: "u" } };
  const invite = { json: { id: "i" } };
  const api = answeringApi(
    list,
    grant,
    gone,
    invite,
    list,
    gone,
    list,
    { json: { fileId: "f" } },
    gone,
    list,
  );
  const sharing = sharingOf(api);
  const endsAt = "2027-01-01T00:00:00Z";
  await sharing.grants("f");
  await sharing.grant("f", "u/v", { endsAt });
  await sharing.revoke("f", "u/v");
  await sharing.invite("f", "ann@example.test");
  await sharing.invites("f", { limit: 5 });
  await sharing.withdraw("f", "i");
  await sharing.received();
  await sharing.accept("i");
  await sharing.decline("i");
  await sharing.people("an b", { limit: 8 });
  assert.deepEqual(api.asked, [
    ["GET /v1/files/f/grants"],
    ["PUT /v1/files/f/grants/u%2Fv", { endsAt }],
    ["DELETE /v1/files/f/grants/u%2Fv"],
    ["POST /v1/files/f/invites", { email: "ann@example.test" }],
    ["GET /v1/files/f/invites?limit=5"],
    ["DELETE /v1/files/f/invites/i"],
    ["GET /v1/invites"],
    ["POST /v1/invites/i/accept"],
    ["DELETE /v1/invites/i"],
    ["GET /v1/users?q=an%20b&limit=8"],
  ]);
});

test("changes who sees a file as it is by then, and asks for nothing that is so already", async () => {
  const file = { id: "f", visibility: "private" as const, albumIds: ["a", "b"] };
  const changed = { ...file, visibility: "public" };
  const precondition = new ProblemError(problemOf("precondition-failed", "It has changed."));
  const api = answeringApi(
    { json: file, etag: '"1"' },
    precondition,
    { json: file, etag: '"2"' },
    {
      json: changed,
    },
  );
  assert.deepEqual(await sharingOf(api).update("f", { visibility: "public" }), changed);
  assert.deepEqual(api.asked.at(-1), ["PATCH /v1/files/f", { visibility: "public" }, '"2"']);
  for (const same of [
    { visibility: "private" } as const,
    { shareOriginal: false },
    { albumIds: ["b", "a"] },
  ]) {
    const already = answeringApi({ json: file, etag: '"1"' });
    assert.deepEqual(await sharingOf(already).update("f", same), file);
  }
  for (const other of [{ shareOriginal: true }, { albumIds: ["a"] }, { albumIds: [] }]) {
    const asked = answeringApi({ json: file, etag: '"1"' }, { json: file });
    await sharingOf(asked).update("f", other);
    assert.deepEqual(asked.asked.at(-1), ["PATCH /v1/files/f", other, '"1"']);
  }
});
