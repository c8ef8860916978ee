import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { type TestContext, test } from "node:test";
import type { CommandContext } from "../command.ts";
import { authorize } from "./authorize.ts";
import { discoverIssuer } from "./issuer-client.ts";
import { startProvider } from "./testing/start-provider.testing.ts";

async function setUp(t: TestContext) {
  const provider = await startProvider();
  t.after(() => provider.close());
  const signIn = { issuer: provider.issuer, clientId: "stowage-cli", scope: "openid", parameters: {} };
  const configuration = await discoverIssuer(signIn);
  const stdin = new PassThrough();
  const context = {
    stdin,
    signal: new AbortController().signal,
    say: () => undefined,
  } as unknown as CommandContext;
  const complete = () => Promise.reject(new Error("Nobody came."));
  return { stdin, context, signIn, configuration, complete };
}

test("waits for so long and no longer, says so, and listens no more", async (t) => {
  const { context, ...options } = await setUp(t);
  let redirectUri = "";
  await assert.rejects(
    authorize(context, {
      ...options,
      timeoutMs: 60,
      show: (_url, uri) => {
        redirectUri = uri;
      },
    }),
    {
      name: "CommandError",
      exitStatus: 4,
      message: /^Nobody came back from the sign-in within \d+ minutes: run it again when you can\.$/,
    },
  );
  await assert.rejects(fetch(redirectUri));
});

test("an end of standard input is no end of the wait", async (t) => {
  const { context, stdin, ...options } = await setUp(t);
  stdin.end("not it\n");
  let isOver = false;
  const waiting = authorize(context, { ...options, timeoutMs: 200, show: () => undefined }).catch(() => {
    isOver = true;
  });
  await new Promise((resolve) => stdin.once("close", resolve));
  assert.equal(isOver, false);
  await waiting;
});

test("leaves no listener behind where the way can't be shown", async (t) => {
  const { context, ...options } = await setUp(t);
  let redirectUri = "";
  const show = (_url: URL, uri: string) => {
    redirectUri = uri;
    throw new Error("The screen is gone.");
  };
  await assert.rejects(authorize(context, { ...options, timeoutMs: 60_000, show }), /The screen is gone/);
  await assert.rejects(fetch(redirectUri));
});
