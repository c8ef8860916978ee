import assert from "node:assert/strict";
import { test } from "node:test";
import { NetworkError } from "@stowage/client";
import { createSession, type TabMessage } from "./create-session.ts";
import type { TokenAnswer } from "./session-endpoints.ts";

/** Tabs of one browser over one server, which answers as it is told. */
function createBrowser() {
  const listeners: { tab: number; listener: (event: { data: unknown }) => void }[] = [];
  const world = {
    nowMs: 0,
    asked: 0,
    tokens: 0,
    signedIn: "ann" as string | undefined,
    reachable: true,
    said: [] as TabMessage[],
  };
  const askForToken = async (): Promise<TokenAnswer> => {
    world.asked += 1;
    if (!world.reachable) return { kind: "no-answer" };
    if (world.signedIn === undefined) return { kind: "signed-out" };
    world.tokens += 1;
    return {
      kind: "token",
      accessToken: `${world.signedIn}-${world.tokens}`,
      expiresInSeconds: 600,
      account: { subject: world.signedIn },
    };
  };
  let tabs = 0;
  const openTab = () => {
    const tab = tabs++;
    return createSession({
      endpoints: {
        askForToken,
        async signOut() {
          if (!world.reachable) return undefined;
          world.signedIn = undefined;
          return "/oidc/end";
        },
      },
      channel: {
        postMessage(data) {
          world.said.push(data);
          for (const other of listeners) if (other.tab !== tab) other.listener({ data });
        },
        addEventListener: (_type, listener) => listeners.push({ tab, listener }),
      },
      exclusively: (work) => work(),
      nowMs: () => world.nowMs,
    });
  };
  return { world, openTab };
}

test("tells who is signed in, and hands out one token until it has nearly run out", async () => {
  const { world, openTab } = createBrowser();
  const tab = openTab();
  assert.equal(tab.getState().status, "checking");
  await tab.check();
  assert.deepEqual(tab.getState(), { status: "signed-in", account: { subject: "ann" } });
  assert.equal(await tab.getToken("ann"), "ann-1");
  world.nowMs = 539_000;
  assert.equal(await tab.getToken("ann"), "ann-1");
  world.nowMs = 541_000;
  assert.equal(await tab.getToken("ann"), "ann-2");
});

test("ten requests at once ask once, and a refused token is not given again", async () => {
  const { world, openTab } = createBrowser();
  const tab = openTab();
  await tab.check();
  const given = await Promise.all(Array.from({ length: 10 }, () => tab.getToken("ann", "ann-1")));
  assert.deepEqual(new Set(given), new Set(["ann-2"]));
  assert.equal(world.asked, 2);
});

test("signing out ends every tab at once, and only the others are told of another tab", async () => {
  const { openTab } = createBrowser();
  const [here, there] = [openTab(), openTab()];
  await Promise.all([here.check(), there.check()]);
  assert.equal(await here.signOut(), "/oidc/end");
  assert.deepEqual(here.getState(), { status: "signed-out", why: "here" });
  assert.deepEqual(there.getState(), { status: "signed-out", why: "another-tab" });
  assert.equal(await there.getToken("ann"), undefined);
});

test("a sign-out that does not reach the server leaves everybody signed in", async () => {
  const { world, openTab } = createBrowser();
  const tab = openTab();
  await tab.check();
  world.reachable = false;
  assert.equal(await tab.signOut(), undefined);
  assert.equal(tab.getState().status, "signed-in");
});

test("a session that was ended on the server ends where it is noticed, and in the other tabs", async () => {
  const { world, openTab } = createBrowser();
  const [here, there] = [openTab(), openTab()];
  await Promise.all([here.check(), there.check()]);
  world.signedIn = undefined;
  assert.equal(await here.getToken("ann", "ann-1"), undefined);
  for (const tab of [here, there]) assert.deepEqual(tab.getState(), { status: "signed-out", why: "ended" });
});

test("somebody else who signs in takes every tab over: no token of the one before is left", async () => {
  const { world, openTab } = createBrowser();
  const [here, there] = [openTab(), openTab()];
  await Promise.all([here.check(), there.check()]);
  world.signedIn = "bob";
  const seen: string[] = [];
  there.subscribe(() => {
    const state = there.getState();
    seen.push(state.status === "signed-in" ? state.account.subject : state.status);
  });
  await here.check();
  await there.check();
  assert.deepEqual(seen, ["signed-out", "bob"]);
  assert.equal(await here.getToken("ann"), undefined);
  assert.equal(await there.getToken("ann"), undefined);
  assert.match((await there.getToken("bob")) ?? "", /^bob-/);
});

test("where the server does not answer, who is signed in stays so and may try again", async () => {
  const { world, openTab } = createBrowser();
  const tab = openTab();
  await tab.check();
  world.reachable = false;
  await assert.rejects(tab.getToken("ann", "ann-1"), NetworkError);
  assert.equal(tab.getState().status, "signed-in");
  world.reachable = true;
  assert.equal(await tab.getToken("ann", "ann-1"), "ann-2");
});

test("at the start no answer is told apart from nobody", async () => {
  const { world, openTab } = createBrowser();
  const tab = openTab();
  world.reachable = false;
  await tab.check();
  assert.deepEqual(tab.getState(), { status: "unreachable" });
  world.reachable = true;
  world.signedIn = undefined;
  await tab.check();
  assert.deepEqual(tab.getState(), { status: "signed-out" });
});

test("a check that begins because of an answer is answered too", async () => {
  const { world, openTab } = createBrowser();
  world.signedIn = undefined;
  const tab = openTab();
  let again: Promise<void> | undefined;
  tab.subscribe(() => {
    again ??= tab.getState().status === "signed-out" ? tab.check() : undefined;
  });
  await tab.check();
  await again;
  assert.ok(again);
  assert.deepEqual(tab.getState(), { status: "signed-out" });
});
