import assert from "node:assert/strict";
import { test } from "node:test";
import { createNodeUploader } from "./node-uploader.ts";

test("says why a server could not be reached", async () => {
  const uploader = createNodeUploader({
    server: "http://127.0.0.1:1",
    getToken: async () => "token",
    maxAttempts: 1,
  });
  await assert.rejects(uploader.me(), {
    code: "network",
    message: /^GET http:\/\/127\.0\.0\.1:1\/v1\/me failed on its way: (connect ECONNREFUSED.*|bad port)\.$/,
  });
});
