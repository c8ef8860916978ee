import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { maxCookieBytes, parseCookies } from "./cookie-header.ts";
import { cookiePlaceOf } from "./cookie-place.ts";
import { createSessionCookies } from "./session-cookies.ts";

const day = 24 * 3_600_000;
let nowMs = 1_000_000;
const cookies = createSessionCookies({
  place: cookiePlaceOf("https://files.example:8443"),
  key: randomBytes(32),
  context: [],
  nowMs: () => nowMs,
});
const session = { id: "s", refreshToken: "R1", subject: "ann" };

/** What a browser sends back. */
const sentBack = (lines: readonly string[]) =>
  parseCookies(lines.map((line) => line.slice(0, line.indexOf(";"))).join("; "));

const ofLength = (length: number) => "x".repeat(length);

test("a session comes back as it was set, its ID token too", () => {
  const back = sentBack(cookies.set({ ...session, email: "a@b.example", name: "Ann Ü" }, "an ID token"));
  assert.deepEqual([...back.keys()], ["__Host-stowage-session-8443", "__Host-stowage-id-token-8443"]);
  assert.deepEqual(cookies.read(back), {
    session: { ...session, email: "a@b.example", name: "Ann Ü" },
    isDueForRenewal: false,
  });
  assert.equal(cookies.readIdToken(back, session), "an ID token");
});

test("an ID token is of its own session only, and a cookie is no other", () => {
  const back = sentBack(cookies.set(session, "an ID token"));
  assert.equal(cookies.readIdToken(back, { ...session, id: "other" }), undefined);
  const exchanged = new Map([
    ["__Host-stowage-session-8443", back.get("__Host-stowage-id-token-8443") ?? ""],
    ["__Host-stowage-id-token-8443", back.get("__Host-stowage-session-8443") ?? ""],
  ]);
  assert.equal(cookies.read(exchanged), undefined);
  assert.equal(cookies.readIdToken(exchanged, session), undefined);
});

test("tokens as long as Cognito's fit: a refresh token of 1,800 characters beside an ID token of 1,100", () => {
  const lines = cookies.set({ ...session, refreshToken: ofLength(1800) }, ofLength(1100));
  for (const line of lines) assert.ok(line.length <= maxCookieBytes, `${line.length}`);
  assert.equal(cookies.read(sentBack(lines))?.session.refreshToken.length, 1800);
  assert.equal(cookies.readIdToken(sentBack(lines), session)?.length, 1100);
});

test("no cookie is longer than a browser takes: the longest token that fits, and one more", () => {
  const longest = (fits: (length: number) => boolean) => {
    let length = 0;
    while (fits(length + 1)) length += 1;
    return length;
  };
  const refreshToken = longest((length) => {
    try {
      cookies.set({ ...session, refreshToken: ofLength(length) }, undefined);
      return true;
    } catch {
      return false;
    }
  });
  assert.ok(refreshToken >= 2700, `${refreshToken}`);
  const [line = ""] = cookies.set({ ...session, refreshToken: ofLength(refreshToken) }, undefined);
  assert.ok(line.length <= maxCookieBytes && line.length > maxCookieBytes - 3, `${line.length}`);
  assert.throws(() => cookies.set({ ...session, refreshToken: ofLength(refreshToken + 1) }, undefined), {
    name: "SessionTooLargeError",
    message: new RegExp(`${refreshToken + 1} characters`),
  });
});

test("an ID token that does not fit is left out, and one that was kept before it is removed", () => {
  const lines = cookies.set(session, ofLength(3500));
  assert.match(lines[1] ?? "", /^__Host-stowage-id-token-8443=; Path=\/; Max-Age=0;/);
  assert.equal(cookies.read(sentBack(lines))?.session.id, "s");
});

test("a session lasts 30 days since its cookie was set, and is set again after a day", () => {
  const back = sentBack(cookies.set(session, "an ID token"));
  nowMs += day;
  assert.equal(cookies.read(back)?.isDueForRenewal, false);
  nowMs += 1;
  assert.equal(cookies.read(back)?.isDueForRenewal, true);
  nowMs += 29 * day - 1;
  assert.ok(cookies.read(back));
  assert.equal(cookies.readIdToken(back, session), "an ID token");
  nowMs += 1;
  assert.equal(cookies.read(back), undefined);
  assert.equal(cookies.readIdToken(back, session), undefined);
});
