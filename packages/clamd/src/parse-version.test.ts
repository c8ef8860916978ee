import assert from "node:assert/strict";
import { test } from "node:test";
import { describeVersion, parseVersion } from "./parse-version.ts";

test("the version and the day of the signatures are read, and said", () => {
  const both = parseVersion("ClamAV 1.4.3/27700/Wed Nov 25 09:26:14 2026");
  assert.deepEqual(both, { version: "1.4.3", signaturesAtMs: Date.parse("2026-11-25T09:26:14Z") });
  assert.equal(both && describeVersion(both), "ClamAV 1.4.3, signatures of 2026-11-25");
  const padded = parseVersion("ClamAV 0.103.8/26827/Sun Mar  5 08:24:02 2023");
  assert.equal(padded && describeVersion(padded), "ClamAV 0.103.8, signatures of 2023-03-05");
});

test("without a daily database, or with a date that is none, it is the version alone", () => {
  assert.deepEqual(parseVersion("ClamAV 1.4.6"), { version: "1.4.6" });
  assert.deepEqual(parseVersion("ClamAV 1.4.6/1/Somewhere in time"), { version: "1.4.6" });
});

test("what is no clamd has none", () => {
  for (const answer of [
    "",
    "PONG",
    "ClamAV",
    "ClamAV \x1b[31m",
    "HTTP/1.1 400 Bad Request",
    "UNKNOWN COMMAND",
  ])
    assert.equal(parseVersion(answer), undefined, answer);
});
