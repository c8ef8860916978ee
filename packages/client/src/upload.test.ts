import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Progress } from "./progress.ts";
import {
  captivePortal,
  problemOf,
  problemReply,
  type ScriptedServerOptions,
  startScriptedServer,
  storeError,
} from "./testing/index.contract.ts";
import { createQuickClock, sourceOf, testPlatform } from "./testing/test-platform.contract.ts";
import { createUploader } from "./uploader.ts";

type Platform = Parameters<typeof testPlatform>[1];

async function setUp(t: TestContext, options: ScriptedServerOptions = {}, platform: Platform = {}) {
  const server = await startScriptedServer(options);
  t.after(() => server.close());
  return { server, client: createUploader(testPlatform(server.url, platform)) };
}

/** A fault that befalls the first requests that begin so. */
function onFirst<Fault>(methodAndPath: string, ...faults: Fault[]) {
  return ({ method, path }: { method: string; path: string }): Fault | undefined =>
    `${method} ${path}`.startsWith(methodAndPath) ? faults.shift() : undefined;
}

const photo = sourceOf("photo.jpg", "the bytes of a photo");

test("sends a file and says each stage until it is ready", async (t) => {
  const { server, client } = await setUp(t);
  const stages: string[] = [];
  const { upload, alreadyThere } = await client.upload(photo, {
    onProgress: ({ stage }) => stages.at(-1) !== stage && stages.push(stage),
    metadata: { step: "1" },
  });
  assert.equal(upload.state, "ready");
  assert.equal(alreadyThere, false);
  assert.deepEqual(stages, ["hashing", "creating", "sending", "checking", "ready"]);
  assert.deepEqual([...server.store.objects.values()].map(String), ["the bytes of a photo"]);
  assert.deepEqual(upload.metadata, { step: "1" });
});

test("takes a rejection as a result, with its reason", async (t) => {
  const rejection = { code: "corrupt", detail: "It ends too soon." } as const;
  const { client } = await setUp(t, { verdict: () => rejection });
  const { upload } = await client.upload(photo);
  assert.equal(upload.state, "rejected");
  assert.deepEqual(upload.rejection, rejection);
});

test("returns after three requests, where nobody waits for the verdict: create, the bytes, complete", async (t) => {
  const { server, client } = await setUp(t);
  const { upload } = await client.upload(photo, { wait: false });
  assert.equal(upload.state, "uploaded");
  assert.equal(server.count("POST /v1/uploads"), 2);
  assert.equal(server.count("PUT "), 1);
  assert.equal(server.count(""), 3);
});

test("throws what the API says of a file that it does not take", async (t) => {
  const { client } = await setUp(t);
  await assert.rejects(client.upload(sourceOf("a.exe", "MZ", "application/x-msdownload")), {
    name: "ProblemError",
    code: "type-not-allowed",
  });
});

test("sends nothing again under a ref that is ready already", async (t) => {
  const { server, client } = await setUp(t);
  const first = await client.upload(photo, { ref: "mine" });
  const second = await client.upload(photo, { ref: "mine" });
  assert.equal(second.alreadyThere, true);
  assert.equal(second.upload.id, first.upload.id);
  assert.equal(server.count("PUT"), 1);
});

test("sends it again under the ref that the caller gives where the old one's file is gone", async (t) => {
  const { server, client } = await setUp(t);
  const first = await client.upload(photo, { ref: "mine" });
  const second = await client.upload(photo, { ref: "mine", onAlreadyThere: async () => "mine, again" });
  assert.notEqual(second.upload.fileId, first.upload.fileId);
  assert.equal(second.alreadyThere, false);
  assert.equal(server.count("PUT"), 2);
});

test("goes on with an upload that an earlier run left pending", async (t) => {
  const controller = new AbortController();
  const { server, client } = await setUp(t, {
    fault({ method }) {
      if (method !== "PUT" || controller.signal.aborted) return undefined;
      controller.abort();
      return "hang";
    },
  });
  await assert.rejects(client.upload(photo, { ref: "mine", signal: controller.signal }), {
    name: "AbortedError",
    code: "aborted",
  });
  const { upload } = await createUploader(testPlatform(server.url)).upload(photo, { ref: "mine" });
  assert.equal(upload.state, "ready");
  assert.equal(server.uploads.size, 1);
  assert.equal(server.count("PUT"), 2);
});

test("asks for a fresh request when one has run out", async (t) => {
  const { server, client } = await setUp(t, {
    fault({ method, path }) {
      if (method === "PUT" && server.count("PUT") === 0) server.store.expire(path);
      return undefined;
    },
  });
  assert.equal((await client.upload(photo)).upload.state, "ready");
  assert.equal(server.count("POST /v1/uploads/") - server.count("POST /v1/uploads/complete"), 1);
  assert.equal(server.count("PUT"), 2);
});

test("gives up when fresh requests are refused again and again", async (t) => {
  const { server, client } = await setUp(
    t,
    { fault: ({ method }) => (method === "PUT" ? storeError(403, "AccessDenied") : undefined) },
    { maxAttempts: 3 },
  );
  await assert.rejects(client.upload(photo), {
    name: "StoreRefusedError",
    code: "store-refused",
    status: 403,
    storeCode: "AccessDenied",
  });
  // A refusal costs no try where a fresh request had not been asked for yet.
  assert.equal(server.count("PUT"), 6);
});

test("does not send by a request that has run out while it waited", async (t) => {
  let nowMs = 0;
  const clock = { ...createQuickClock(), nowMs: () => nowMs };
  const { server, client } = await setUp(t, {}, { clock });
  await client.upload(photo, {
    wait: false,
    onProgress: ({ stage }) => {
      if (stage === "sending" && nowMs === 0) nowMs = 596_000;
    },
  });
  assert.equal(server.count("PUT"), 1);
  assert.match(server.seen.map(({ path }) => path).join("\n"), /\/urls\n\/bucket/);
});

test("completes where the store has the bytes already", async (t) => {
  const { server, client } = await setUp(t, { fault: onFirst("PUT", storeError(412, "PreconditionFailed")) });
  await assert.rejects(
    // Without the bytes the API says that they are missing; a store that lies ends the tries.
    createUploader(testPlatform(server.url, { maxAttempts: 1 })).upload(photo, { ref: "r" }),
    { code: "bytes-missing" },
  );
  assert.equal(server.count("POST /v1/uploads/complete"), 1);
  assert.equal((await client.upload(photo, { ref: "r" })).upload.state, "ready");
});

test("gives up a store that answers 200 and keeps nothing after `maxAttempts` tries, each with a request of its own", async (t) => {
  const { server, client } = await setUp(
    t,
    { fault: ({ method }) => (method === "PUT" ? { status: 200, body: "" } : undefined) },
    { maxAttempts: 3 },
  );
  await assert.rejects(client.upload(photo), { code: "bytes-missing" });
  assert.equal(server.count("PUT"), 3);
});

test("does not take connections that broke for a store that keeps nothing", async (t) => {
  let puts = 0;
  const { server, client } = await setUp(
    t,
    {
      fault({ method }) {
        if (method !== "PUT") return undefined;
        puts += 1;
        return puts === 3 ? undefined : puts === 2 ? { status: 200, body: "" } : "reset-mid-body";
      },
    },
    { maxAttempts: 2 },
  );
  await client.upload(photo);
  assert.equal(server.count("PUT"), 3);
});

test("asks the API before it sends again when a connection broke after the bytes had arrived", async (t) => {
  const { server, client } = await setUp(t, { fault: onFirst("PUT", "commit-then-reset" as const) });
  assert.equal((await client.upload(photo)).upload.state, "ready");
  assert.equal(server.count("PUT"), 1);
});

test("sends again what a connection lost on its way", async (t) => {
  const { server, client } = await setUp(t, { fault: onFirst("PUT", "reset-mid-body" as const) });
  const large = sourceOf("large.jpg", Buffer.alloc(300_000, 7));
  assert.equal((await client.upload(large)).upload.state, "ready");
  assert.equal(server.count("PUT"), 2);
  assert.equal(server.store.storedCount(), 1);
});

test("creates one upload though the answer to its creation was lost", async (t) => {
  const { server, client } = await setUp(t, {
    fault: onFirst("POST /v1/uploads", "commit-then-reset" as const),
  });
  assert.equal((await client.upload(photo)).upload.state, "ready");
  assert.equal(server.uploads.size, 1);
});

test("takes no page of a captive portal for an answer, neither the API's nor the store's", async (t) => {
  const api = onFirst("POST /v1/uploads", captivePortal);
  const store = onFirst("PUT", captivePortal);
  const { server, client } = await setUp(t, { fault: (request) => api(request) ?? store(request) });
  assert.equal((await client.upload(photo)).upload.state, "ready");
  assert.equal(server.store.storedCount(), 1);
});

test("says that it was not Stowage who answered when that goes on", async (t) => {
  const { client } = await setUp(t, { fault: () => captivePortal }, { maxAttempts: 2 });
  await assert.rejects(client.me(), {
    name: "UnexpectedAnswerError",
    code: "unexpected-answer",
    status: 200,
  });
});

test("waits as long as a busy server asks", async (t) => {
  const clock = createQuickClock();
  const busy = problemReply(problemOf("rate-limited", "Too many."), { "retry-after": "7" });
  const slow = { ...storeError(503, "SlowDown"), headers: { "retry-after": "9" } };
  const api = onFirst("POST /v1/uploads", busy);
  const store = onFirst("PUT", slow);
  const check = onFirst("GET /v1/uploads", { ...busy, status: 502, body: "Bad gateway" });
  const fault: ScriptedServerOptions["fault"] = (r) => api(r) ?? store(r) ?? check(r);
  const { client } = await setUp(t, { fault }, { clock, random: () => 0 });
  const retries: Progress[] = [];
  await client.upload(photo, { onProgress: (progress) => progress.retry && retries.push(progress) });
  assert.deepEqual(
    retries.map(({ stage, retry }) => [stage, retry?.delayMs, retry?.error.code]),
    [
      ["creating", 7000, "rate-limited"],
      ["sending", 9000, "store-refused"],
      ["checking", 7000, "unexpected-answer"],
    ],
  );
  assert.ok(clock.delaysMs.includes(7000) && clock.delaysMs.includes(9000));
});

test("ends after so many tries with what went wrong", async (t) => {
  const down = problemReply(problemOf("unavailable", "The database does not answer right now."));
  const { server, client } = await setUp(t, { fault: () => down }, { maxAttempts: 3 });
  await assert.rejects(client.upload(photo), { name: "ProblemError", code: "unavailable" });
  assert.equal(server.seen.length, 3);
});

test("names a network that is down", async () => {
  const client = createUploader(testPlatform("http://127.0.0.1:1", { maxAttempts: 2 }));
  await assert.rejects(client.me(), {
    name: "NetworkError",
    code: "network",
    message: /^GET http:\/\/127\.0\.0\.1:1\/v1\/me failed on its way: .+\.$/,
  });
});

test("gives up a request that is never answered, and asks again", async (t) => {
  const fault = onFirst("GET /v1/me", "hang" as const);
  const { server, client } = await setUp(t, { fault }, { requestTimeoutMs: 5000 });
  assert.equal((await client.me()).id, "me");
  assert.equal(server.count("GET /v1/me"), 2);
});

test("gives up bytes that stand still, and sends them again", async (t) => {
  const { server } = await setUp(t, { fault: onFirst("PUT", "hang" as const) });
  const platform = testPlatform(server.url, { idleTimeoutMs: 5000 });
  const client = createUploader({
    ...platform,
    send: async ({ url, method, headers }, source, { signal }) => {
      const response = await fetch(url, {
        method,
        headers,
        body: source.body(),
        signal: signal as AbortSignal,
      });
      return { status: response.status, body: await response.text() };
    },
  });
  assert.equal((await client.upload(photo)).upload.state, "ready");
  assert.equal(server.count("PUT"), 2);
});

test("asks for another token once when one is refused", async (t) => {
  const asked: (string | undefined)[] = [];
  const getToken = async (refused?: string) => {
    asked.push(refused);
    return refused === undefined ? "expired" : "token";
  };
  const { server, client } = await setUp(t, {}, { getToken });
  assert.equal((await client.me()).id, "me");
  assert.deepEqual(asked, [undefined, "expired"]);
  assert.equal(server.count("GET /v1/me"), 2);
});

test("says that nobody is signed in, with the API's reason where it gave one", async (t) => {
  const { server } = await setUp(t);
  const clientWith = (getToken: () => Promise<string | undefined>) =>
    createUploader(testPlatform(server.url, { getToken }));
  await assert.rejects(clientWith(async () => undefined).me(), { code: "not-signed-in" });
  assert.equal(server.seen.length, 0);
  await assert.rejects(clientWith(async () => "expired").me(), {
    name: "NotSignedInError",
    message: "The token has expired.",
  });
  assert.equal(server.seen.length, 1);
});

test("follows an upload with a token that may only send", async (t) => {
  const { server, client } = await setUp(t, {
    fault({ method, path }) {
      if (method !== "GET" || !path.startsWith("/v1/uploads")) return undefined;
      for (const upload of server.uploads.values()) upload.state = "ready";
      return problemReply(problemOf("insufficient-scope", "The token lacks the scope files:read."));
    },
  });
  assert.equal((await client.upload(photo)).upload.state, "ready");
  assert.equal(server.count("POST /v1/uploads/complete"), 2);
});

test("opens a new attempt when the upload was aborted behind its back", async (t) => {
  const { server, client } = await setUp(t, {
    fault({ method }) {
      if (method === "PUT" && server.count("PUT") === 0)
        for (const upload of server.uploads.values()) upload.state = "aborted";
      return undefined;
    },
  });
  assert.equal((await client.upload(photo, { ref: "mine" })).upload.state, "ready");
  assert.equal(server.uploads.size, 2);
});

for (const [moment, methodAndPath] of [
  ["while its bytes are sent", "PUT "],
  ["when it is completed", "POST /v1/uploads/complete"],
  ["while its verdict is awaited", "GET /v1/uploads?ids="],
] as const)
  test(`begins anew, once, when the server does not know the upload any more: ${moment}`, async (t) => {
    let forget: (() => void)[] = [];
    const { server, client } = await setUp(t, {
      pollsUntilVerdict: 2,
      fault({ method, path }) {
        if (`${method} ${path}`.startsWith(methodAndPath)) forget.shift()?.();
        return undefined;
      },
    });
    forget = [() => server.uploads.clear()];
    const { upload } = await client.upload(photo, { ref: "a" });
    assert.equal(upload.state, "ready");
    assert.equal(server.count("POST /v1/uploads"), 4);
    forget = [1, 2].map(() => () => server.uploads.clear());
    await assert.rejects(client.upload(photo, { ref: "b" }), { code: /^(upload-gone|not-found)$/ });
  });

test("asks for nothing more once nobody waits for the answer", async (t) => {
  const reply = {
    ...problemReply(problemOf("unavailable", "Down.")),
    headers: { "retry-after": "30" },
  };
  const { server, client } = await setUp(t, { fault: onFirst("POST /v1/uploads", reply) });
  const controller = new AbortController();
  const left = client.upload(photo, {
    signal: controller.signal,
    onProgress: ({ retry }) => retry && controller.abort(),
  });
  await assert.rejects(left, { code: "aborted" });
  // Not held up by it.
  await client.upload(photo);
  assert.equal(server.count("POST /v1/uploads"), 3);
});

for (const [status, body] of [
  [302, ""],
  [401, "<html>Sign in</html>"],
  [403, "<html>Blocked</html>"],
  [404, "<html>What?</html>"],
] as const)
  test(`does not take a portal's ${status} to a PUT for the store's word`, async (t) => {
    const reply = { status, body, headers: { "content-type": "text/html" } };
    const fault = onFirst("PUT ", reply, reply);
    const { client } = await setUp(t, { fault });
    const errors: string[] = [];
    const { upload } = await client.upload(photo, {
      onProgress: ({ retry }) => retry && errors.push(retry.error.code),
    });
    assert.equal(upload.state, "ready");
    assert.equal(errors[0], "unexpected-answer");
  });

test("says so when the file changed between its reading and its sending", async (t) => {
  let read = 0;
  const growing = { ...photo, body: () => new Blob([`version ${read++} of the same`]) };
  const source = { ...growing, sizeBytes: "version 0 of the same".length };
  const { client } = await setUp(t);
  await assert.rejects(client.upload(source), {
    name: "FileChangedError",
    code: "file-changed",
    message: "photo.jpg has changed since it was added.",
  });
});

test("says so when the file is not as long as it was said to be", async (t) => {
  const { server, client } = await setUp(t);
  await assert.rejects(client.upload({ ...photo, sizeBytes: 3 }), { code: "file-changed" });
  assert.equal(server.seen.length, 0);
});
