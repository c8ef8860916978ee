import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decideAfterPart,
  decideAfterPut,
  type PartDecision,
  type PutDecision,
  parseStoreCode,
} from "./decide-after-put.ts";

const cases: [number, string, boolean, PutDecision][] = [
  [200, "", false, "complete"],
  [204, "", true, "complete"],
  [412, "PreconditionFailed", false, "complete"],
  [403, "AccessDenied", false, "mint"],
  [403, "AccessDenied", true, "wait"],
  [400, "BadDigest", false, "changed"],
  [400, "RequestTimeout", false, "wait"],
  [400, "InvalidArgument", false, "refused"],
  [409, "ConditionalRequestConflict", false, "wait"],
  [429, "", false, "wait"],
  [500, "InternalError", true, "wait"],
  [503, "SlowDown", false, "wait"],
  [307, "TemporaryRedirect", false, "refused"],
  [302, "", false, "wait"],
  [401, "", false, "wait"],
  [403, "", false, "mint"],
  [404, "", false, "wait"],
  [404, "NoSuchBucket", false, "refused"],
  [413, "", false, "refused"],
  [411, "MissingContentLength", false, "refused"],
];
for (const [status, code, wasFresh, expected] of cases)
  test(`after ${status} ${code} on a request that was ${wasFresh ? "fresh" : "at hand"}: ${expected}`, () =>
    assert.equal(decideAfterPut(status, code, wasFresh), expected));

const error = (code: string) => `<Error><Code>${code}</Code></Error>`;
const partCases: [number, string, boolean, PartDecision][] = [
  [200, "", false, "complete"],
  [200, "<html>Welcome to our Wi-Fi</html>", false, "wait"],
  [404, error("NoSuchUpload"), false, "ask"],
  [412, error("PreconditionFailed"), false, "ask"],
  [403, error("AccessDenied"), false, "mint"],
  [403, error("AccessDenied"), true, "wait"],
  [400, error("BadDigest"), false, "changed"],
  [400, error("RequestTimeout"), false, "wait"],
  [503, error("SlowDown"), false, "wait"],
  [411, error("MissingContentLength"), false, "refused"],
  [302, "", false, "wait"],
  [401, "<html>Sign in</html>", false, "wait"],
];
for (const [status, body, wasFresh, expected] of partCases)
  test(`after ${status} ${body} to a part, on a request that was ${wasFresh ? "fresh" : "at hand"}: ${expected}`, () =>
    assert.equal(decideAfterPart(status, body, wasFresh), expected));

test("reads the code of S3's error document, and nothing from other bodies", () => {
  assert.equal(parseStoreCode("<Error><Code>BadDigest</Code><Message>…</Message></Error>"), "BadDigest");
  assert.equal(parseStoreCode("<html>Gateway</html>"), "");
});
