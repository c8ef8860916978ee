import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { codeOf, headerSigned, presigned, verifierAt } from "./signed-requests.test-fixture.ts";

describe("the time of a presigned URL", () => {
  const seconds = 600;
  for (const [offsetMs, code] of [
    [0, "accepted"],
    [seconds * 1000 - 1, "accepted"],
    [seconds * 1000, "AccessDenied"],
    [seconds * 1000 + 1, "AccessDenied"],
    [-15 * 60 * 1000, "accepted"],
    [-15 * 60 * 1000 - 1, "RequestTimeTooSkewed"],
  ] as const) {
    it(`gives ${code} ${offsetMs} ms after it was signed for ${seconds} s`, () => {
      assert.equal(codeOf(presigned(), verifierAt(offsetMs)), code);
    });
  }

  it("may be held to less ahead than a header-signed request", () => {
    const aMinute = { maxPresignedAheadMs: 60_000 };
    assert.equal(codeOf(presigned(), verifierAt(-60_000, aMinute)), "accepted");
    assert.equal(codeOf(presigned(), verifierAt(-60_001, aMinute)), "RequestTimeTooSkewed");
    assert.equal(codeOf(presigned(), verifierAt(599_999, aMinute)), "accepted");
    assert.equal(codeOf(headerSigned(), verifierAt(-60_001, aMinute)), "accepted");
    assert.throws(() => verifierAt(0, { maxPresignedAheadMs: -1 }), RangeError);
  });

  it("says that it has expired, and when it will", () => {
    assert.throws(() => verifierAt(600_000)(presigned()), {
      code: "AccessDenied",
      message: "Request has expired",
    });
    assert.deepEqual(verifierAt(0)(presigned()).expiresAt, new Date("2026-03-01T00:10:10Z"));
  });

  it("may span seven days and no more, or what the verifier allows", () => {
    assert.equal(codeOf(presigned({}, 604_800), verifierAt(604_799_999)), "accepted");
    const longer = presigned().target.replace("X-Amz-Expires=600", "X-Amz-Expires=604801");
    assert.equal(codeOf({ ...presigned(), target: longer }), "AuthorizationQueryParametersError");
    const tenMinutes = { maxExpiresInSeconds: 600 };
    assert.equal(codeOf(presigned({}, 600), verifierAt(0, tenMinutes)), "accepted");
    assert.equal(codeOf(presigned({}, 601), verifierAt(0, tenMinutes)), "AuthorizationQueryParametersError");
  });

  it("is refused where its life is not a plain number of seconds", () => {
    for (const life of [
      "0",
      "-1",
      "0600",
      "600.0",
      "6e2",
      "%20600",
      "",
      "Infinity",
      "NaN",
      "9".repeat(400),
      "0x10",
    ]) {
      const target = presigned().target.replace("X-Amz-Expires=600", `X-Amz-Expires=${life}`);
      assert.equal(codeOf({ ...presigned(), target }), "AuthorizationQueryParametersError", life);
    }
  });

  it("is refused by a clock that has failed", () => {
    const broken = { now: () => new Date(Number.NaN) };
    assert.equal(codeOf(presigned(), verifierAt(0, broken)), "RequestTimeTooSkewed");
    assert.equal(codeOf(headerSigned(), verifierAt(0, broken)), "RequestTimeTooSkewed");
  });
});

describe("the time of a header-signed request", () => {
  const skewMs = 15 * 60 * 1000;
  for (const [offsetMs, code] of [
    [skewMs, "accepted"],
    [skewMs + 1, "RequestTimeTooSkewed"],
    [-skewMs, "accepted"],
    [-skewMs - 1, "RequestTimeTooSkewed"],
  ] as const) {
    it(`gives ${code} ${offsetMs} ms after it was signed`, () => {
      assert.equal(codeOf(headerSigned(), verifierAt(offsetMs)), code);
    });
  }

  it("may be held to a narrower skew", () => {
    assert.equal(codeOf(headerSigned(), verifierAt(0, { maxSkewMs: 0 })), "accepted");
    assert.equal(codeOf(headerSigned(), verifierAt(1, { maxSkewMs: 0 })), "RequestTimeTooSkewed");
  });
});
