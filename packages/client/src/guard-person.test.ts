import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createClient } from "./create-client.ts";
import type { ClientOptions, FetchResponse } from "./ports.ts";
import { createMemoryQueueStore } from "./queue/memory-queue-store.ts";
import type { QueuedUpload } from "./queue/queued-upload.ts";
import type { UploadItemState } from "./queue/upload-item.ts";
import type { UploadQueue } from "./queue/upload-queue.ts";
import { startScriptedServer } from "./testing/index.contract.ts";
import { type BytesSource, sourceOf, testPlatform } from "./testing/test-platform.contract.ts";

type MeReply = "hang" | { readonly status: number; readonly body: string };

/** A server of several people, whose token is their name; what it says of one may be told otherwise. */
async function setUp(
  t: TestContext,
  meOf: (token: string) => MeReply | undefined = () => undefined,
  person = "ann",
) {
  const server = await startScriptedServer({ tokens: new Set(["ann", "ann-2", "bob"]) });
  const clients: { close(): void }[] = [];
  t.after(async () => {
    for (const client of clients) client.close();
    await server.close();
  });
  const asked: string[] = [];
  const answerMe = (token: string): Promise<FetchResponse> => {
    asked.push(token);
    const said = meOf(token) ?? { status: 200, body: JSON.stringify({ id: token.slice(0, 3) }) };
    if (said === "hang") return new Promise(() => undefined);
    return Promise.resolve(new Response(said.body, { status: said.status }));
  };
  const open = (
    getToken: ClientOptions<BytesSource>["getToken"],
    more: Partial<ClientOptions<BytesSource>> = {},
  ) => {
    const client = createClient({
      ...testPlatform(server.url, { maxAttempts: 2, ...more }),
      person,
      getToken,
      openQueue: async () => ({ store }),
      fetch: (url, init) => {
        const token = new Headers(init?.headers as Record<string, string>).get("authorization") ?? "";
        return url.endsWith("/v1/me") ? answerMe(token.slice(7)) : fetch(url, init as RequestInit);
      },
    });
    clients.push(client);
    return client;
  };
  const memory = createMemoryQueueStore<BytesSource>();
  /** What a client closes is there for the next. */
  const store = { ...memory, isDurable: true, close: () => undefined };
  return { server, open, asked };
}

const diary = () => sourceOf("diary.jpg", "what ann did");

/** Resolves once it is in one of these states. */
const reached = (upload: QueuedUpload<BytesSource> | undefined, ...states: UploadItemState[]) =>
  new Promise<UploadItemState>((resolve) => {
    const look = () => upload && states.includes(upload.state) && resolve(upload.state);
    upload?.on("change", look);
    look();
  });

/** Resolves once it is so of what the client shows. */
const until = (client: { readonly uploads: UploadQueue<BytesSource> }, isSo: () => boolean) =>
  new Promise<void>((resolve) => {
    const look = () => isSo() && resolve();
    client.uploads.subscribe(look);
    look();
  });

const problem = (status: number, code: string): MeReply => ({
  status,
  body: JSON.stringify({ type: "about:blank", title: "No", status, code, detail: "No." }),
});

test("sends what somebody has left with no other's token, also where that is the first it sees", async (t) => {
  const { server, open } = await setUp(t);
  let token: string | undefined = "ann";
  const first = open(async () => token);
  await first.uploads.add([sourceOf("first.jpg", "first")])[0]?.result();
  first.close();

  token = undefined;
  const signedOut = open(async () => token);
  await reached(signedOut.uploads.add([diary()])[0], "waiting-for-sign-in");
  await signedOut.uploads.whenStored();
  signedOut.close();

  token = "bob";
  const later = open(async () => token);
  await new Promise<void>((resolve) => {
    later.uploads.subscribe(() => later.uploads.list().length > 0 && resolve());
  });
  const [upload] = later.uploads.list();
  await reached(upload, "waiting-for-sign-in");
  assert.equal(upload?.item.problem?.code, "other-person");
  assert.equal(server.uploads.size, 1);

  token = "ann";
  later.signedIn();
  assert.equal(await reached(upload, "ready"), "ready");
});

/** As the server knows them, the app's own id for Ann is nowhere in it. */
const own = "our customer 7";
const subjects = (token: string): MeReply => ({
  status: 200,
  body: JSON.stringify({ id: `id of ${token.slice(0, 3)}`, subject: token.slice(0, 3) }),
});

for (const [name, meOf] of [
  ["id", () => undefined],
  ["subject", subjects],
] as const)
  test(`keeps what was added before anybody could be asked for who has that ${name}`, async (t) => {
    const { server, open } = await setUp(t, meOf);
    const offline = open(() => Promise.reject(new TypeError("Failed to fetch")));
    await reached(offline.uploads.add([diary()])[0], "waiting-for-network");
    await offline.uploads.whenStored();
    offline.close();

    let token = "bob";
    const later = open(async () => token);
    await until(later, () => later.uploads.list().length > 0);
    const [upload] = later.uploads.list();
    await reached(upload, "waiting-for-sign-in", "ready");
    assert.equal(upload?.item.problem?.code, "unknown-person");
    assert.equal(server.uploads.size, 0);

    token = "ann";
    later.signedIn();
    assert.equal(await reached(upload, "ready", "failed"), "ready");
  });

test("sends with an id of the app's own what an earlier program left, once somebody says that it is theirs", async (t) => {
  const { server, open } = await setUp(t, subjects, own);
  const offline = open(async () => undefined);
  await reached(offline.uploads.add([diary()])[0], "waiting-for-sign-in");
  await offline.uploads.whenStored();
  offline.close();

  const later = open(async () => "bob");
  await until(later, () => later.uploads.list().length > 0);
  const [upload] = later.uploads.list();
  await reached(upload, "waiting-for-sign-in", "ready");
  assert.equal(upload?.item.problem?.code, "unknown-person");
  assert.equal(server.uploads.size, 0);
  upload?.retry();
  assert.equal(await reached(upload, "ready", "failed"), "ready");
});

test("sends nothing of what was added signed out with the token of whoever comes, where the app's own id says nothing of them", async (t) => {
  const { server, open } = await setUp(t, subjects, own);
  let token: string | undefined;
  const client = open(async () => token);
  const [upload] = client.uploads.add([diary()]);
  await reached(upload, "waiting-for-sign-in");
  token = "bob";
  client.signedIn();
  await until(client, () => upload?.item.problem?.code === "unknown-person" || upload?.state === "ready");
  assert.equal(server.uploads.size, 0);
});

test("sends under an id of the app's own with the first token, and with the one for which that was refused", async (t) => {
  const { open } = await setUp(
    t,
    (token) => (token === "old" ? problem(401, "unauthenticated") : subjects(token)),
    own,
  );
  const client = open(async (refused?: string) => (refused === "old" ? "ann" : "old"));
  const [upload] = client.uploads.add([diary()]);
  assert.equal(await reached(upload, "ready", "waiting-for-sign-in"), "ready");
});

for (const [name, reply] of [
  ["429", problem(429, "rate-limited")],
  ["500", problem(500, "internal")],
  ["a captive portal's 200", { status: 200, body: "<html>Welcome</html>" }],
  ["a captive portal's 403", { status: 403, body: "<html>Sign in</html>" }],
  ["JSON of something else", { status: 200, body: "{}" }],
] as const)
  test(`lets no token through while nobody says whose it is: ${name}`, async (t) => {
    let isAnswering = false;
    const { server, open, asked } = await setUp(t, (token) =>
      token === "bob" && !isAnswering ? reply : undefined,
    );
    let token = "ann";
    const client = open(async () => token);
    await client.uploads.add([sourceOf("first.jpg", "first")])[0]?.result();
    token = "bob";
    const [second] = client.uploads.add([diary()]);
    await reached(second, "waiting-for-network");
    isAnswering = true;
    await reached(second, "waiting-for-sign-in");
    assert.equal(server.uploads.size, 1);
    assert.ok(asked.includes("bob"));
  });

test("asks whose a token is once, and takes a new one of the same person", async (t) => {
  const { open, asked } = await setUp(t);
  let token = "ann";
  const client = open(async () => token);
  const uploads = client.uploads.add(["a", "b", "c"].map((name) => sourceOf(name, name)));
  await Promise.all(uploads.map((upload) => upload.result()));
  token = "ann-2";
  await client.uploads.add([diary()])[0]?.result();
  assert.deepEqual(asked, ["ann", "ann-2"]);
});

test("sends with a token that may only send", async (t) => {
  const { open } = await setUp(t, () => problem(403, "insufficient-scope"));
  const end = await open(async () => "ann")
    .uploads.add([diary()])[0]
    ?.result();
  assert.equal(end?.state, "ready");
});

test("goes on after a question whose token it is that is never answered", async (t) => {
  let isHanging = false;
  const { open } = await setUp(t, () => (isHanging ? "hang" : undefined));
  let token = "ann";
  const client = open(async () => token, { requestTimeoutMs: 100_000 });
  await client.uploads.add([sourceOf("first.jpg", "first")])[0]?.result();
  token = "ann-2";
  isHanging = true;
  const [second] = client.uploads.add([diary()]);
  await reached(second, "waiting-for-network");
  isHanging = false;
  assert.equal(await reached(second, "ready", "failed"), "ready");
});

for (const [name, refuse] of [
  ["can't be had without a network", () => Promise.reject(new TypeError("Failed to fetch"))],
  ["never comes", () => new Promise<never>(() => undefined)],
] as const)
  test(`waits for the network where a token ${name}`, async (t) => {
    let isOnline = false;
    const { open } = await setUp(t);
    const client = open(() => (isOnline ? Promise.resolve("ann") : refuse()), { requestTimeoutMs: 100_000 });
    const [upload] = client.uploads.add([diary()]);
    await reached(upload, "waiting-for-network", "failed");
    assert.equal(upload?.item.problem?.code, "network");
    isOnline = true;
    assert.equal(await reached(upload, "ready", "failed"), "ready");
  });
