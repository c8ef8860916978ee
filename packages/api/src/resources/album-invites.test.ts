import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type {
  AcceptedAlbumInvite,
  Album,
  AlbumInvitePreview,
  File,
  NewAlbumInvite,
  Problem,
} from "@stowage/protocol";
import { type ApiUnderTest, createApiUnderTest, intentOf } from "../api.testing.ts";

const scope = "files:read files:write uploads:write albums:write";
const dayMs = 24 * 3600 * 1000;

let api: ApiUnderTest;
let asAnn: { authorization: string };
let album: Album;

beforeEach(async () => {
  api = await createApiUnderTest({ limits: { guestQuotaBytes: 100 } });
  asAnn = await api.as("ann", scope);
  const revealAt = new Date(api.services.clock.nowMs() + dayMs).toISOString();
  const made = await ask<Album>(asAnn, "POST", "/v1/albums", { name: "Trip", revealAt, shotsPerMember: 2 });
  album = made.body;
});

afterEach(() => api.close());

const ask = async <Body>(
  headers: Record<string, string>,
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  url: string,
  payload?: object,
): Promise<{ status: number; body: Body }> => {
  const answer = await api.server.inject({ method, url, headers, ...(payload ? { payload } : {}) });
  const { statusCode: status, body } = answer;
  return { status, body: body === "" ? (undefined as Body) : JSON.parse(body) };
};

const invite = async (more: object = {}): Promise<NewAlbumInvite> => {
  const url = `/v1/albums/${album.id}/invites`;
  const made = await ask<NewAlbumInvite>(asAnn, "POST", url, { role: "contributor", ...more });
  assert.equal(made.status, 201);
  return made.body;
};

const accept = (token: string, headers: Record<string, string> = {}, name?: string) =>
  ask<AcceptedAlbumInvite & Problem>(headers, "POST", "/v1/invites/accept", {
    token,
    ...(name === undefined ? {} : { name }),
  });

test("an invite's token is told once, in an address and a QR code, and lists tell its uses alone", async () => {
  const { token, url, qr, ...told } = await invite({ maxUses: 5 });
  assert.match(token, /^[A-Za-z0-9_-]{32,}$/);
  assert.equal(url, `https://web.example/i#${token}`);
  assert.match(qr, /^<svg /);
  const list = await ask<object>(asAnn, "GET", `/v1/albums/${album.id}/invites`);
  assert.deepEqual(list.body, { items: [told], nextCursor: null });
  assert.ok(!JSON.stringify(list.body).includes(token));
  const asBen = await api.as("ben", scope);
  assert.equal((await ask(asBen, "GET", `/v1/albums/${album.id}/invites`)).status, 404);
  assert.equal((await accept(token, asBen)).status, 200);
  assert.equal((await ask(asBen, "GET", `/v1/albums/${album.id}/invites`)).status, 403);
});

test("who accepts becomes a member once; what is unknown, revoked, used up or run out is one 404", async () => {
  const asBen = await api.as("ben", scope);
  const once = await invite({ role: "viewer", maxUses: 1 });
  const joined = await accept(once.token, asBen);
  assert.deepEqual([joined.status, joined.body.album.role, joined.body.guest], [200, "viewer", undefined]);
  assert.equal((await accept(once.token, asBen)).status, 200, "twice by the same person is once");
  const asCy = await api.as("cy", scope);
  const revoked = await invite();
  const path = `/v1/albums/${album.id}/invites/${revoked.id}`;
  assert.equal((await ask(asBen, "DELETE", path)).status, 403);
  assert.equal((await ask(asAnn, "DELETE", path)).status, 204);
  assert.equal((await ask(asAnn, "DELETE", path)).status, 404);
  const short = await invite({ expiresAt: new Date(api.services.clock.nowMs() + 60_000).toISOString() });
  api.advance(60_000);
  const answers = await Promise.all(
    [once.token, revoked.token, short.token, "x".repeat(32)].map((token) => accept(token, asCy)),
  );
  for (const { status, body } of answers)
    assert.deepEqual([status, { ...body, requestId: "" }], [404, { ...answers[0]?.body, requestId: "" }]);
});

test("who has an invite is told what it is to, by anybody's hand, and nothing where nobody could join", async () => {
  const look = (token: string, headers: Record<string, string> = {}) =>
    ask<AlbumInvitePreview & Problem>(headers, "POST", "/v1/invites/preview", { token });
  const once = await invite({ maxUses: 1 });
  const { revealAt } = album;
  const told = {
    album: { id: album.id, name: "Trip", sealed: true, revealAt, shotsPerMember: 2 },
    role: "contributor",
  };
  assert.deepEqual(await look(once.token), { status: 200, body: told });
  assert.deepEqual((await look(once.token, await api.as("ben", scope))).body, told);
  assert.deepEqual(
    (await look(once.token, { authorization: "Bearer x" })).body,
    told,
    "no token is looked at",
  );
  assert.equal((await accept(once.token, {}, "Cy")).status, 200);
  const revoked = await invite();
  await ask(asAnn, "DELETE", `/v1/albums/${album.id}/invites/${revoked.id}`);
  const answers = await Promise.all([once.token, revoked.token, "x".repeat(32)].map((token) => look(token)));
  for (const { status, body } of answers)
    assert.deepEqual([status, { ...body, requestId: "" }], [404, { ...answers[0]?.body, requestId: "" }]);
});

test("without a token one comes as a guest, who adds to this album alone and within its bounds", async () => {
  const { token } = await invite();
  assert.equal((await accept(token)).status, 400, "a guest says what they are called");
  assert.equal((await accept(token, {}, " ")).status, 400);
  const { status, body } = await accept(token, {}, "Cy");
  assert.equal(status, 200);
  assert.equal(body.guest?.name, "Cy");
  assert.equal(body.expiresAt, new Date(Date.parse(album.revealAt ?? "") + 30 * dayMs).toISOString());
  const asGuest = { authorization: `Bearer ${body.token}` };
  assert.deepEqual((await ask<Album>(asGuest, "GET", `/v1/albums/${album.id}`)).body.role, "contributor");
  assert.equal((await ask<{ items: Album[] }>(asGuest, "GET", "/v1/albums")).body.items.length, 1);
  const bytes = Buffer.from("a guest's photo");
  const create = (more: object) =>
    ask<Problem>(asGuest, "POST", "/v1/uploads", { files: [{ ...intentOf(bytes), ...more }] });
  assert.equal((await create({ albumId: album.id })).status, 201);
  assert.equal((await create({})).status, 403, "nowhere else");
  assert.equal((await create({ albumId: "none" })).status, 404);
  const large = await create({ albumId: album.id, sizeBytes: 101 });
  assert.deepEqual([large.status, large.body.code], [403, "quota-exceeded"]);
  for (const [method, url, json] of [
    ["POST", "/v1/albums", { name: "x" }],
    ["POST", `/v1/albums/${album.id}/reveal`, undefined],
    ["PUT", `/v1/albums/${album.id}/members/x`, { role: "viewer" }],
    ["POST", "/v1/invites/accept", { token }],
  ] as const)
    assert.equal((await ask(asGuest, method, url, json)).status, 403, url);
  assert.equal((await ask<{ quotaBytes: number }>(asGuest, "GET", "/v1/me")).body.quotaBytes, 100);
  assert.deepEqual((await ask<{ items: File[] }>(asGuest, "GET", "/v1/files")).body.items, []);
  const path = `/v1/albums/${album.id}/members/${body.guest?.id}`;
  assert.equal((await ask<{ name: string }>(asAnn, "GET", path)).body.name, "Cy");
  assert.equal((await ask(asAnn, "DELETE", path)).status, 204);
  assert.equal((await ask(asGuest, "GET", `/v1/albums/${album.id}`)).status, 401, "at once");
});

test("an invite that says nothing of it lets in a hundred, and one of more says how many", async () => {
  assert.equal((await invite()).maxUses, 100);
  assert.equal((await invite({ maxUses: 10_000 })).maxUses, 10_000);
  const url = `/v1/albums/${album.id}/invites`;
  assert.equal((await ask(asAnn, "POST", url, { role: "viewer", maxUses: 10_001 })).status, 400);
});

test("who was put out is told that no invite lets them in, and comes in again once an owner has let them", async () => {
  const { token } = await invite();
  const asDan = await api.as("dan", scope);
  const dan = (await ask<{ id: string }>(asDan, "GET", "/v1/me")).body;
  const join = () => ask<Problem>(asDan, "POST", "/v1/invites/accept", { token });
  assert.equal((await join()).status, 200);
  const member = `/v1/albums/${album.id}/members/${dan.id}`;
  assert.equal((await ask(asAnn, "DELETE", member)).status, 204);
  const again = await join();
  assert.deepEqual([again.status, again.body.code], [403, "forbidden"]);
  assert.equal((await ask(asAnn, "PUT", member, { role: "viewer" })).status, 200);
  assert.equal((await join()).status, 200);
});

test("few join in a minute from one address, whatever the invite, ten times as many by one invite, and who only asks costs the invite nothing", async () => {
  const limited = await createApiUnderTest({
    limits: { acceptsPerMinute: 2 },
    addressOf: ({ headers }) => String(headers["x-address"]),
  });
  try {
    const asBea = await limited.as("bea", scope);
    const post = (url: string, payload: object, headers: Record<string, string>) =>
      limited.server.inject({ method: "POST", url, headers, payload });
    const made = await post("/v1/albums", { name: "Trip" }, asBea);
    const newToken = async (): Promise<string> =>
      (await post(`/v1/albums/${made.json().id}/invites`, { role: "viewer" }, asBea)).json().token;
    const [one, two] = [await newToken(), await newToken()];
    const join = (token: string, address: string, name: object = { name: "Cy" }) =>
      post("/v1/invites/accept", { token, ...name }, { "x-address": address });
    const statuses = [];
    for (const [token, address] of [
      [one, "a"],
      ["x".repeat(32), "a"],
      [two, "a"],
    ] as const)
      statuses.push((await join(token, address)).statusCode);
    assert.deepEqual(statuses, [200, 404, 429]);
    for (let asked = 0; asked < 30; asked++)
      assert.equal((await join(one, `idle ${asked}`, {})).statusCode, 400, "a guest without a name");
    for (let joined = 1; joined < 20; joined++)
      assert.equal((await join(one, `guest ${joined}`)).statusCode, 200, `${joined} have joined`);
    assert.equal((await join(two, "c")).statusCode, 200, "another invite has an allowance of its own");
    const refused = await join(one, "d");
    assert.equal(refused.statusCode, 429);
    assert.equal(refused.json().code, "rate-limited");
    assert.ok(Number(refused.headers["retry-after"]) > 0);
  } finally {
    await limited.close();
  }
});

test("who was a guest and signs in takes over what they sent, sealed as it is, and the guest is no more", async () => {
  const { token } = await invite();
  const { body: cy } = await accept(token, {}, "Cy");
  const asGuest = { authorization: `Bearer ${cy.token}` };
  const files = [{ ...intentOf(Buffer.from("a guest's photo")), albumId: album.id }];
  assert.equal((await ask(asGuest, "POST", "/v1/uploads", { files })).status, 201);
  const merge = (headers: Record<string, string>, guestToken = cy.token ?? "") =>
    ask<AcceptedAlbumInvite & Problem>(headers, "POST", "/v1/invites/accept", { guestToken });
  assert.equal((await merge({})).body.code, "forbidden", "signed in");
  assert.equal((await merge(asGuest)).status, 403, "with an account");
  const asBen = await api.as("ben", scope);
  for (const wrong of ["x", `${cy.token}x`]) assert.equal((await merge(asBen, wrong)).status, 404);
  for (const body of [{}, { token, guestToken: cy.token }])
    assert.equal((await ask(asBen, "POST", "/v1/invites/accept", body)).status, 400);
  const merged = await merge(asBen);
  assert.equal(merged.status, 200);
  assert.deepEqual(
    [merged.body.album.role, merged.body.album.shotsLeft, merged.body.guest],
    ["contributor", 1, undefined],
  );
  assert.deepEqual(await merge(asBen), merged, "twice is once");
  assert.equal((await merge(await api.as("dan", scope))).status, 404, "and nobody else's");
  assert.equal((await ask(asGuest, "GET", `/v1/albums/${album.id}`)).status, 401);
  const uploads = await ask<{ items: object[] }>(asBen, "GET", "/v1/uploads");
  assert.equal(uploads.body.items.length, 1);
  const members = await ask<{ items: { userId: string }[] }>(asAnn, "GET", `/v1/albums/${album.id}/members`);
  assert.equal(members.body.items.length, 2);
  assert.ok(members.body.items.every(({ userId }) => userId !== cy.guest?.id));
});

test("a guest is made no owner, and an account that was put out does not come in by what it sent as a guest", async () => {
  const { token } = await invite();
  const { body: cy } = await accept(token, {}, "Cy");
  const asEve = await api.as("eve", scope);
  assert.equal((await accept(token, asEve)).status, 200);
  const { id: eve } = (await ask<{ id: string }>(asEve, "GET", "/v1/me")).body;
  const members = `/v1/albums/${album.id}/members`;
  const owner = await ask<Problem>(asAnn, "PUT", `${members}/${cy.guest?.id}`, { role: "owner" });
  assert.deepEqual([owner.status, owner.body.code], [409, "guest-owner"]);
  const merge = () =>
    ask<AcceptedAlbumInvite & Problem>(asEve, "POST", "/v1/invites/accept", { guestToken: cy.token });
  assert.equal((await ask(asAnn, "DELETE", `${members}/${eve}`)).status, 204);
  const refused = await merge();
  assert.deepEqual([refused.status, refused.body.code], [403, "forbidden"]);
  const asGuest = { authorization: `Bearer ${cy.token}` };
  assert.equal((await ask(asGuest, "GET", `/v1/albums/${album.id}`)).status, 200, "nothing is lost by it");
  assert.equal((await ask(asAnn, "PUT", `${members}/${eve}`, { role: "viewer" })).status, 200);
  assert.equal((await merge()).status, 200);
});
