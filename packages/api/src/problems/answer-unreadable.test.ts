import assert from "node:assert/strict";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { problemSchema } from "@stowage/protocol";
import { type ApiUnderTest, createApiUnderTest } from "../api.testing.ts";

let api: ApiUnderTest;
let port: number;
before(async () => {
  api = await createApiUnderTest();
  port = Number(new URL(await api.server.listen({ host: "127.0.0.1", port: 0 })).port);
});
after(() => api.close());

for (const [what, request, status, code] of [
  [
    "headers of 20 KB",
    `GET /v1/me HTTP/1.1\r\nHost: a\r\nX-Filler: ${"x".repeat(20_000)}\r\n\r\n`,
    431,
    "headers-too-large",
  ],
  ["what is not HTTP", "GET /v1/me HTTP/9.7\r\n\r\n", 400, "validation-failed"],
  [
    "a header without a colon",
    "GET /v1/me HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n",
    400,
    "validation-failed",
  ],
] as const)
  test(`${what} is answered by a problem, and the connection ends`, async () => {
    const socket = connect(port, "127.0.0.1");
    socket.write(request);
    const [head = "", body = ""] = (await text(socket)).split("\r\n\r\n");
    assert.match(head, new RegExp(`^HTTP/1.1 ${status} `));
    assert.match(head, /content-type: application\/problem\+json/i);
    const problem = problemSchema.parse(JSON.parse(body));
    assert.deepEqual([problem.status, problem.code], [status, code]);
  });
