import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { type ObjectStore, StoreRefusedError, StoreUnavailableError } from "@stowage/core";
import { createVerifier } from "@stowage/sigv4";
import { S3AnswerError } from "./s3-answer-error.ts";
import {
  answer,
  causedBy,
  copied,
  credentials,
  fail,
  hangUp,
  headed,
  listing,
  type Step,
  sayNothing,
  startScriptedServer,
} from "./scripted-server.testing.ts";

const sha256Of = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const body = Buffer.from("some bytes");
const put = { key: "files/a", body, contentType: "image/png", sha256: sha256Of(body) };

/** Each call of the store, with an answer that makes it succeed. */
const calls: readonly { name: string; success: Step; call(store: ObjectStore): Promise<unknown> }[] = [
  { name: "put", success: answer(200), call: (store) => store.put(put) },
  { name: "put if absent", success: answer(200), call: (store) => store.put({ ...put, ifAbsent: true }) },
  { name: "head", success: headed(10), call: (store) => store.head("files/a") },
  { name: "get", success: answer(200, "some bytes"), call: (store) => store.get("files/a") },
  { name: "copy", success: copied, call: (store) => store.copy({ from: "files/a", to: "files/b" }) },
  {
    name: "list",
    success: listing([]),
    call: (store) => store.list({ prefix: "files/", after: "files/a", limit: 7 }),
  },
  { name: "delete", success: answer(204), call: (store) => store.delete("files/a") },
];

describe("a call to the store", () => {
  it("is signed with the digest of its body", async () => {
    await using server = await startScriptedServer(...calls.map(({ success }) => success));
    const store = server.store();
    for (const { call } of calls) await call(store);
    const verify = createVerifier({
      region: "us-east-1",
      findSecretAccessKey: () => credentials.secretAccessKey,
      now: () => new Date(),
    });
    for (const { headers, ...request } of server.seen) {
      const received = new Map(Object.entries(headers).map(([name, value]) => [name, String(value)]));
      assert.equal(verify({ ...request, headers: received }).payloadSha256, sha256Of(request.body));
    }
    assert.deepEqual(
      server.seen.map(({ method, target }) => `${method} ${target}`),
      [
        "PUT /bucket/files/a",
        "PUT /bucket/files/a",
        "HEAD /bucket/files/a",
        "GET /bucket/files/a",
        "PUT /bucket/files/b",
        "GET /bucket?list-type=2&encoding-type=url&prefix=files%2F&max-keys=7&start-after=files%2Fa",
        "DELETE /bucket/files/a",
      ],
    );
  });

  it("goes over a kept connection", async () => {
    await using server = await startScriptedServer(
      answer(200),
      headed(10),
      fail(404, "NoSuchKey"),
      copied,
      listing([]),
      answer(204),
      answer(200),
    );
    const store = server.store();
    await store.put(put);
    await store.head("files/a");
    await store.get("files/a");
    await store.copy({ from: "files/a", to: "files/b" });
    await store.list({ prefix: "", limit: 1 });
    await store.delete("files/a");
    await store.put(put);
    assert.equal(server.seen.length, 7);
    assert.equal(server.connections(), 1);
  });

  for (const { name, success, call } of calls) {
    it(`is tried again after what may pass: ${name}`, async () => {
      const proxy = answer(502, "<html>bad gateway</html>");
      await using server = await startScriptedServer(fail(503, "SlowDown"), hangUp, proxy, success);
      await call(server.store());
      assert.equal(server.seen.length, 4);
    });

    it(`is given up after its last try, with what the store said: ${name}`, async () => {
      await using server = await startScriptedServer(...Array<Step>(4).fill(fail(503, "SlowDown")));
      await assert.rejects(call(server.store({ maxRetries: 2 })), (error: Error) => {
        assert.ok(error instanceof StoreUnavailableError);
        assert.ok(error.cause instanceof S3AnswerError);
        assert.equal(error.cause.status, 503);
        if (name !== "head") {
          assert.equal(error.cause.code, "SlowDown");
          assert.equal(error.cause.requestId, "R1");
          assert.match(error.message, /503 SlowDown It said "no"$/);
        }
        return true;
      });
      assert.equal(server.seen.length, 3);
    });

    it(`is not tried again where the store refuses: ${name}`, async () => {
      await using server = await startScriptedServer(fail(403, "SignatureDoesNotMatch"));
      await assert.rejects(call(server.store()), (error: Error) => {
        assert.ok(error instanceof StoreRefusedError);
        assert.ok(error.cause instanceof S3AnswerError && error.cause.status === 403);
        return name === "head" || error.cause.code === "SignatureDoesNotMatch";
      });
      assert.equal(server.seen.length, 1);
    });

    it(`fails within its timeout where the store says nothing: ${name}`, async () => {
      await using server = await startScriptedServer(sayNothing);
      const store = server.store({ requestTimeoutMs: 30, copyTimeoutMs: 30 });
      await assert.rejects(call(store), (error: Error) => {
        assert.ok(error instanceof StoreUnavailableError);
        return (error.cause as { code?: unknown }).code === "http-silence";
      });
    });
  }

  it("takes a refused connection for an outage", async () => {
    const server = await startScriptedServer();
    const store = server.store({ maxRetries: 1 });
    await server[Symbol.asyncDispose]();
    for (const { call } of calls) await assert.rejects(call(store), StoreUnavailableError);
  });

  it("takes a page that no S3 service sends for an outage, not for an answer", async () => {
    for (const status of [403, 404, 405]) {
      const page = answer(status, "<html><body>Not here</body></html>", { "content-type": "text/html" });
      for (const { name, call } of calls) {
        if (name === "head") continue;
        await using server = await startScriptedServer(page);
        await assert.rejects(
          call(server.store({ maxRetries: 0 })),
          StoreUnavailableError,
          `${name} ${status}`,
        );
      }
    }
  });

  it("tells passing trouble from lasting by S3's code where the status does not", async () => {
    const outage = [
      [400, "RequestTimeout"],
      [403, "RequestTimeTooSkewed"],
      [409, "OperationAborted"],
      [409, "ConditionalRequestConflict"],
      [307, "TemporaryRedirect"],
    ] as const;
    for (const [status, code] of outage) {
      await using server = await startScriptedServer(fail(status, code));
      await assert.rejects(server.store({ maxRetries: 0 }).put(put), StoreUnavailableError);
    }
    for (const [status, code] of [
      [400, "BadDigest"],
      [403, "InvalidAccessKeyId"],
      [404, "NoSuchBucket"],
      [501, "NotImplemented"],
    ] as const) {
      await using server = await startScriptedServer(fail(status, code));
      await assert.rejects(server.store().put(put), causedBy(StoreRefusedError, code, status));
    }
  });

  it("follows no redirect, and says which region the bucket is in", async () => {
    await using elsewhere = await startScriptedServer();
    const moved = fail(301, "PermanentRedirect", "<Region>eu-west-1</Region>");
    await using server = await startScriptedServer((response, request) => {
      response.setHeader("location", `${elsewhere.endpoint}/bucket/files/a`);
      moved(response, request);
    });
    await assert.rejects(
      server.store().get("files/a"),
      /PermanentRedirect .*the bucket's region is eu-west-1/,
    );
    assert.equal(elsewhere.seen.length, 0);
  });

  it("reports the store's words in one short line, and nothing that it signed", async () => {
    const long = answer(
      403,
      `<Error><Code>AccessDenied</Code><Message>a\nb\u0085${"x".repeat(5000)}</Message></Error>`,
    );
    await using server = await startScriptedServer(long);
    await assert.rejects(server.store().get("files/a"), (error: Error) => {
      assert.ok(error instanceof StoreRefusedError);
      assert.doesNotMatch(error.message, /\p{Cc}/u);
      assert.ok(error.message.length < 500);
      assert.doesNotMatch(`${error.stack}${error.cause}`, /Signature=|AKTEST|not a secret/);
      return true;
    });
  });
});
