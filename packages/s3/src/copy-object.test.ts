import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StoreRefusedError, StoreUnavailableError } from "@stowage/core";
import {
  answer,
  causedBy,
  copied,
  fail,
  headed,
  type Step,
  startScriptedServer,
} from "./scripted-server.testing.ts";

const fromTo = { from: "uploads/a", to: "files/b" };

async function copying(steps: Step[], maxRetries = 3) {
  await using server = await startScriptedServer(...steps);
  try {
    return await server.store({ maxRetries }).copy(fromTo);
  } finally {
    assert.equal(server.seen.length, steps.length);
  }
}

describe("a copy", () => {
  it("names its source and sends no body", async () => {
    await using server = await startScriptedServer(copied);
    assert.equal(await server.store().copy(fromTo), "copied");
    assert.equal(server.seen[0]?.headers["x-amz-copy-source"], "/bucket/uploads/a");
    assert.equal(server.seen[0]?.headers["content-length"], "0");
  });

  it("is over when the body says so, after blanks that keep the connection", async () => {
    const slow: Step = (response) => {
      response.writeHead(200).write('<?xml version="1.0"?>');
      response.write("  \n ");
      response.end("\n<CopyObjectResult><ETag>&quot;x&quot;</ETag></CopyObjectResult>");
    };
    assert.equal(await copying([slow]), "copied");
  });

  it("tells a missing source from a missing bucket, under 404 and under 200", async () => {
    assert.equal(await copying([fail(404, "NoSuchKey")]), "missing");
    assert.equal(await copying([fail(200, "NoSuchKey")]), "missing");
    for (const status of [404, 200])
      await assert.rejects(
        copying([fail(status, "NoSuchBucket")]),
        causedBy(StoreRefusedError, "NoSuchBucket", status),
      );
  });

  it("is tried again after a failure under 200", async () => {
    assert.equal(await copying([fail(200, "InternalError"), fail(200, "SlowDown"), copied]), "copied");
    await assert.rejects(
      copying([fail(200, "InternalError")], 0),
      causedBy(StoreUnavailableError, "InternalError", 200),
    );
  });

  it("takes a body that says nothing about it for a failure", async () => {
    for (const body of [
      "",
      "garbage",
      "<CopyObjectResult>",
      "<html></html>",
      "<!DOCTYPE x><CopyObjectResult/>",
    ])
      await assert.rejects(copying([answer(200, body)], 0), StoreUnavailableError, body);
  });

  it("refuses more than 5 GiB in so many words", async () => {
    const large = headed(5 * 1024 ** 3 + 1);
    await assert.rejects(copying([fail(400, "InvalidRequest"), large]), (error: Error) => {
      assert.match(
        error.message,
        /5368709121 bytes are more than the 5368709120 that a store copies at once/,
      );
      return causedBy(StoreRefusedError, "InvalidRequest", 400)(error);
    });
    await assert.rejects(
      copying([fail(400, "InvalidRequest"), headed(5 * 1024 ** 3)]),
      causedBy(StoreRefusedError, "InvalidRequest", 400),
    );
  });
});
