import assert from "node:assert/strict";
import { test } from "node:test";
import type { IssuedTokens } from "./issuer-client.ts";
import { IssuerFailure } from "./issuer-failure.ts";
import { createTokenBook } from "./token-book.ts";

/** An issuer whose answers are given by hand. */
function scripted() {
  const clock = { nowMs: 1_000_000 };
  const asked: string[] = [];
  const waiting: { resolve(tokens: IssuedTokens): void; reject(error: Error): void }[] = [];
  const book = createTokenBook(
    {
      refresh: (refreshToken) => {
        asked.push(refreshToken);
        return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
      },
    },
    () => clock.nowMs,
  );
  const answer = (tokens: Partial<IssuedTokens>) =>
    waiting.shift()?.resolve({ accessToken: `access ${asked.length}`, expiresInSeconds: 600, ...tokens });
  const fail = (error: Error) => waiting.shift()?.reject(error);
  return { book, clock, asked, answer, fail };
}

const session = { id: "s", refreshToken: "R1", subject: "ann" };

test("ten who ask at once cost one refresh, and get the same", async () => {
  const { book, asked, answer } = scripted();
  const all = Array.from({ length: 10 }, () => book.get(session));
  answer({ refreshToken: "R2" });
  const tokens = await Promise.all(all);
  assert.deepEqual(asked, ["R1"]);
  assert.equal(new Set(tokens).size, 1);
  assert.equal(tokens[0]?.session.refreshToken, "R2");
});

test("a token is given out again until half its life is over, whatever it was got with", async () => {
  const { book, asked, answer, clock } = scripted();
  const held = book.hold(session, { accessToken: "A1", expiresInSeconds: 600 });
  clock.nowMs += 299_999;
  assert.equal(await book.get(session), held);
  clock.nowMs += 1;
  const next = book.get(session);
  answer({ accessToken: "A2" });
  assert.equal((await next).accessToken, "A2");
  assert.deepEqual(asked, ["R1"]);
});

test("who never got the answer gets it with the old refresh token for 30 seconds, then the issuer decides", async () => {
  const { book, asked, answer, clock } = scripted();
  const first = book.get(session);
  answer({ refreshToken: "R2", expiresInSeconds: 20 });
  await first;
  clock.nowMs += 9_999;
  assert.equal(await book.get(session), await first);
  // Past half of the access token's life: a refresh, but with the newest token.
  clock.nowMs += 1;
  const second = book.get(session);
  answer({ refreshToken: "R3" });
  assert.equal((await second).session.refreshToken, "R3");
  assert.equal(await book.get(session), await second);
  clock.nowMs += 20_000;
  const third = book.get(session);
  answer({ refreshToken: "R1b" });
  await third;
  assert.deepEqual(asked, ["R1", "R2", "R1"]);
});

test("a failure is told to all who wait for it, and forgotten", async () => {
  const { book, asked, answer, fail } = scripted();
  const failure = new IssuerFailure("unreachable", "");
  const both = [book.get(session), book.get(session)];
  fail(failure);
  for (const each of both) await assert.rejects(each, failure);
  const next = book.get(session);
  answer({});
  await next;
  assert.deepEqual(asked, ["R1", "R1"]);
});

test("an answer for another person is refused", async () => {
  const { book, answer } = scripted();
  const asked = book.get(session);
  answer({ account: { subject: "bob" } });
  await assert.rejects(asked, { name: "IssuerFailure", kind: "grant-refused" });
});

test("a session ends with the token that a refresh under way brings", async () => {
  const { book, answer, fail } = scripted();
  assert.deepEqual(await book.settle(session), session);
  const refresh = book.get(session);
  const settled = book.settle(session);
  answer({ refreshToken: "R2" });
  await refresh;
  assert.equal((await settled).refreshToken, "R2");
  assert.equal((await book.settle(session)).refreshToken, "R2");
  book.forget(await settled);

  const again = book.get({ ...session, refreshToken: "R2" });
  const settledToo = book.settle({ ...session, refreshToken: "R2" });
  fail(new IssuerFailure("unreachable", ""));
  await assert.rejects(again);
  assert.equal((await settledToo).refreshToken, "R2");
});

test("two sessions never share a token, nor does one with another's refresh token", async () => {
  const { book, asked, answer } = scripted();
  book.hold(session, { accessToken: "A1", expiresInSeconds: 600 });
  const other = book.get({ ...session, id: "t" });
  answer({ accessToken: "A2" });
  assert.equal((await other).accessToken, "A2");
  assert.deepEqual(asked, ["R1"]);
});

test("a clock that is set back lengthens nothing", async () => {
  const { book, asked, answer, clock } = scripted();
  book.hold(session, { accessToken: "A1", expiresInSeconds: 600 });
  clock.nowMs -= 3_600_000;
  const next = book.get(session);
  answer({ accessToken: "A2" });
  assert.equal((await next).accessToken, "A2");
  assert.deepEqual(asked, ["R1"]);
});

test("a token that lives no time is never held", async () => {
  const { book, asked, answer } = scripted();
  for (let count = 0; count < 2; count += 1) {
    const token = book.get(session);
    answer({ expiresInSeconds: 0 });
    await token;
  }
  assert.deepEqual(asked, ["R1", "R1"]);
});
