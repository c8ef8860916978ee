import assert from "node:assert/strict";
import { test } from "node:test";
import Fastify from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import type { ApiServer } from "../api-context.ts";
import { healthRoutes } from "./health.ts";

test("a dependency that does not answer is told with 503, and when to ask again", async () => {
  let isThere = false;
  const server: ApiServer = Fastify();
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  healthRoutes(server, [
    { name: "database", check: async () => undefined },
    {
      name: "bucket",
      check: async () => {
        if (!isThere) throw new Error("It is away.");
      },
    },
  ]);
  const away = await server.inject("/readyz");
  assert.equal(away.statusCode, 503);
  assert.match(String(away.headers["retry-after"]), /^[1-9]\d*$/);
  assert.deepEqual(away.json(), {
    ready: false,
    dependencies: [
      { name: "database", ready: true },
      { name: "bucket", ready: false },
    ],
  });
  isThere = true;
  const there = await server.inject("/readyz");
  assert.deepEqual([there.statusCode, there.headers["retry-after"]], [200, undefined]);
  assert.equal((await server.inject("/healthz")).statusCode, 200);
  await server.close();
});
