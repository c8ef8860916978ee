import assert from "node:assert/strict";
import { test } from "node:test";
import { decideAfterPut, type PutDecision, parseStoreCode } from "./decide-after-put.ts";

const cases: [number, string, boolean, PutDecision][] = [
  [200, "", false, "complete"],
  [204, "", true, "complete"],
  [412, "PreconditionFailed", false, "complete"],
  [403, "AccessDenied", false, "mint"],
  [403, "AccessDenied", true, "refused"],
  [400, "BadDigest", false, "changed"],
  [400, "RequestTimeout", false, "wait"],
  [400, "InvalidArgument", false, "refused"],
  [409, "ConditionalRequestConflict", false, "wait"],
  [429, "", false, "wait"],
  [500, "InternalError", true, "wait"],
  [503, "SlowDown", false, "wait"],
  [307, "TemporaryRedirect", false, "refused"],
  [411, "MissingContentLength", false, "refused"],
];
for (const [status, code, wasFresh, expected] of cases)
  test(`after ${status} ${code} on a request that was ${wasFresh ? "fresh" : "at hand"}: ${expected}`, () =>
    assert.equal(decideAfterPut(status, code, wasFresh), expected));

test("reads the code of S3's error document, and nothing from other bodies", () => {
  assert.equal(parseStoreCode("<Error><Code>BadDigest</Code><Message>…</Message></Error>"), "BadDigest");
  assert.equal(parseStoreCode("<html>Gateway</html>"), "");
});
