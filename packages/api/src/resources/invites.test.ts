import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type ApiUnderTest, createApiUnderTest } from "../api.testing.ts";
import { makeReadyFile } from "../ready-file.testing.ts";

let api: ApiUnderTest;
before(async () => {
  api = await createApiUnderTest();
});
after(() => api.close());

interface Who {
  readonly sub: string;
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly name?: string;
  readonly org?: string;
}

const ann: Who = { sub: "ann", name: "Ann", email: "ann@example.com", email_verified: true };
const bob: Who = { sub: "bob", email: "bob@example.com", email_verified: true };
const impostor: Who = { sub: "impostor", email: "bob@example.com" };
const eve: Who = { sub: "eve", email: "eve@example.com", email_verified: true };

async function headersOf(who: Who): Promise<{ authorization: string }> {
  const exp = Math.floor(api.services.clock.nowMs() / 1000) + 300;
  return { authorization: `Bearer ${await api.sign({ ...who, exp })}` };
}

async function ask(who: Who, method: "GET" | "POST" | "DELETE", url: string, payload?: object) {
  const answer = await api.server.inject({
    method,
    url,
    headers: await headersOf(who),
    ...(payload ? { payload } : {}),
  });
  return { status: answer.statusCode, body: answer.body === "" ? {} : answer.json() };
}

const annsFile = async () => (await makeReadyFile(api, await headersOf(ann), { name: "trip.jpg" })).fileId;
const invite = (id: string, email: string) => ask(ann, "POST", `/v1/files/${id}/invites`, { email });
const received = async (who: Who) => (await ask(who, "GET", "/v1/invites")).body.items;

test("an invite is for whoever has the address, verified, who accepts it and sees the file", async () => {
  const id = await annsFile();
  const sent = await invite(id, " BOB@Example.com");
  assert.equal(sent.status, 201);
  assert.equal(sent.body.email, "BOB@Example.com");
  assert.equal(Date.parse(sent.body.expiresAt) - Date.parse(sent.body.createdAt), 30 * 24 * 3600 * 1000);
  assert.equal((await ask(bob, "GET", `/v1/files/${id}`)).status, 404, "nothing is shared yet");
  const [got] = await received(bob);
  assert.deepEqual(
    [got.id, got.file, got.from.name, got.from.email],
    [sent.body.id, { id, name: "trip.jpg" }, "Ann", "ann@example.com"],
  );
  for (const who of [impostor, eve]) {
    assert.deepEqual(await received(who), []);
    assert.equal((await ask(who, "POST", `/v1/invites/${got.id}/accept`)).status, 404);
    assert.equal((await ask(who, "DELETE", `/v1/invites/${got.id}`)).status, 404);
  }
  assert.equal((await ask(ann, "GET", `/v1/files/${id}/invites`)).body.items.length, 1);
  const accepted = await ask(bob, "POST", `/v1/invites/${got.id}/accept`);
  assert.deepEqual([accepted.status, accepted.body], [200, { fileId: id }]);
  assert.equal((await ask(bob, "GET", `/v1/files/${id}`)).status, 200);
  assert.deepEqual(await received(bob), []);
  assert.deepEqual((await ask(ann, "GET", `/v1/files/${id}/invites`)).body.items, []);
  assert.equal((await ask(bob, "POST", `/v1/invites/${got.id}/accept`)).status, 404, "once");
});

test("an address that somebody has is answered as one that nobody has", async () => {
  const id = await annsFile();
  await ask(bob, "GET", "/v1/me");
  const shapeOf = ({ status, body }: { status: number; body: object }) => [status, Object.keys(body)];
  assert.deepEqual(
    shapeOf(await invite(id, "bob@example.com")),
    shapeOf(await invite(id, "new@example.com")),
  );
});

test("an invite is declined or withdrawn for good, and one to the same address takes its place", async () => {
  const id = await annsFile();
  const first = (await invite(id, "bob@example.com")).body.id;
  assert.equal((await invite(id, "Bob@example.com")).body.id, first);
  assert.equal((await ask(bob, "DELETE", `/v1/invites/${first}`)).status, 204);
  assert.equal((await ask(bob, "POST", `/v1/invites/${first}/accept`)).status, 404);
  const second = (await invite(id, "bob@example.com")).body.id;
  assert.equal((await ask(eve, "DELETE", `/v1/files/${id}/invites/${second}`)).status, 404);
  assert.equal((await ask(ann, "DELETE", `/v1/files/${id}/invites/${second}`)).status, 204);
  const left = (await received(bob)).filter(({ file }: { file: { id: string } }) => file.id === id);
  assert.deepEqual(left, []);
});

test("an invite runs out after 30 days, and the right that it gives ends when its owner said", async () => {
  const id = await annsFile();
  const endsAt = new Date(api.services.clock.nowMs() + 60_000).toISOString();
  const url = `/v1/files/${id}/invites`;
  const { body } = await ask(ann, "POST", url, { email: "bob@example.com", endsAt });
  assert.deepEqual((await ask(bob, "POST", `/v1/invites/${body.id}/accept`)).body, { fileId: id, endsAt });
  api.advance(60_000);
  assert.equal((await ask(bob, "GET", `/v1/files/${id}`)).status, 404);
  const late = (await invite(id, "bob@example.com")).body.id;
  api.advance(30 * 24 * 3600 * 1000);
  assert.deepEqual(await received(bob), []);
  assert.equal((await ask(bob, "POST", `/v1/invites/${late}/accept`)).status, 404);
});

for (const [payload, pointer] of [
  [{}, "/email"],
  [{ email: "nobody" }, "/email"],
  [{ email: "a@b@c" }, "/email"],
  [{ email: "bob@example.com", endsAt: "2020-01-01T00:00:00Z" }, "/endsAt"],
  [{ email: "bob@example.com", role: "owner" }, "/role"],
] as const)
  test(`an invite of ${JSON.stringify(payload)} is refused, and the member named`, async () => {
    const { status, body } = await ask(ann, "POST", `/v1/files/${await annsFile()}/invites`, payload);
    assert.deepEqual([status, body.errors[0].pointer], [400, pointer]);
  });

test("people find those of their own organisation alone, by name or e-mail, page by page", async () => {
  const acme = { org: "acme" };
  const people: Who[] = [
    { sub: "p1", name: "Petra Meyer", ...acme },
    { sub: "p2", name: "Peter Meyer", email: "pm@acme.example", ...acme },
    { sub: "p3", name: "Peter Other", org: "other" },
    { sub: "p4", name: "Peter Nobody" },
  ];
  for (const who of people) await ask(who, "GET", "/v1/me");
  const find = async (who: Who, query: string): Promise<string[]> => {
    const names: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await ask(who, "GET", `/v1/users?q=${query}&limit=1${cursor ? `&cursor=${cursor}` : ""}`);
      assert.equal(page.status, 200, JSON.stringify(page.body));
      names.push(...page.body.items.map(({ name }: { name: string }) => name));
      cursor = page.body.nextCursor;
    } while (cursor);
    return names.sort();
  };
  const [petra = ann, , other = ann, nobody = ann] = people;
  assert.deepEqual(await find(petra, "pet"), ["Peter Meyer", "Petra Meyer"]);
  assert.deepEqual(await find(petra, "pm"), ["Peter Meyer"]);
  assert.deepEqual(await find(other, "pet"), ["Peter Other"]);
  assert.deepEqual(await find(nobody, "pet"), []);
  const [found] = (await ask(petra, "GET", "/v1/users?q=pm")).body.items;
  assert.deepEqual(Object.keys(found), ["id", "name", "email"]);
  assert.equal((await ask(petra, "GET", "/v1/users?q=p")).status, 400);
  assert.equal((await ask(petra, "GET", "/v1/users")).status, 400);
});
