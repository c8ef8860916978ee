import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type TestContext, test } from "node:test";
import { startTestBucket } from "../testing/test-bucket.ts";

const documentOf = (keys: readonly string[], more = ""): string =>
  `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${more}${keys
    .map((key) => `<Object><Key>${key}</Key></Object>`)
    .join("")}</Delete>`;

async function start(t: TestContext) {
  const bucket = await startTestBucket(t);
  for (const key of ["a", "b%26c", "kept"]) await bucket.put(key, "content");
  const remove = (body: string, of = body) =>
    bucket.signed("POST", "?delete", {
      body,
      headers: { "content-md5": createHash("md5").update(of).digest("base64") },
    });
  const keys = async (): Promise<string[]> =>
    [...String((await bucket.signed("GET", "?list-type=2")).body).matchAll(/<Key>(.*?)<\/Key>/g)].map(
      ([, key]) => key ?? "",
    );
  return { bucket, remove, keys };
}

test("many objects are removed at once, each answered for, whether it was there or not", async (t) => {
  const { remove, keys } = await start(t);
  const answer = await remove(documentOf(["a", "b&amp;c", "none", "k".repeat(1025)]));
  assert.equal(answer.status, 200);
  assert.match(
    String(answer.body),
    /<Deleted><Key>a<\/Key><\/Deleted><Deleted><Key>b&amp;c<\/Key><\/Deleted><Deleted><Key>none<\/Key><\/Deleted><Error><Key>k+<\/Key><Code>KeyTooLongError<\/Code>/,
  );
  assert.deepEqual(await keys(), ["kept"]);
});

test("who asks for quiet hears of failures only", async (t) => {
  const { remove, keys } = await start(t);
  const answer = await remove(documentOf(["a", "k".repeat(1025)], "<Quiet>true</Quiet>"));
  assert.doesNotMatch(String(answer.body), /<Deleted>/);
  assert.match(String(answer.body), /<Error>/);
  assert.deepEqual(await keys(), ["b&amp;c", "kept"]);
});

test("an object is removed only while it has the ETag that is given, or as the version that there is", async (t) => {
  const { remove, keys } = await start(t);
  const answer = await remove(
    documentOf(["a", "kept", "none"])
      .replace("<Key>a</Key>", "<Key>a</Key><VersionId>null</VersionId>")
      .replace("<Key>kept</Key>", "<Key>kept</Key><ETag>abc</ETag>")
      .replace("<Key>none</Key>", "<Key>none</Key><ETag>abc</ETag>"),
  );
  assert.match(
    String(answer.body),
    /<Deleted><Key>a<\/Key>.*<Key>kept<\/Key><Code>PreconditionFailed<.*<Key>none<\/Key><Code>NoSuchKey</,
  );
  assert.deepEqual(await keys(), ["b&amp;c", "kept"]);
});

test("a document that is malformed, too long, or not what its digest says removes nothing", async (t) => {
  const { bucket, remove, keys } = await start(t);
  const before = await keys();
  assert.equal((await remove(documentOf(["a"]), "other")).code, "BadDigest");
  assert.equal((await remove(documentOf([]))).code, "MalformedXML");
  assert.equal((await remove(documentOf(["a", ""]))).code, "MalformedXML");
  assert.equal((await remove(documentOf(Array.from({ length: 1001 }, () => "a")))).code, "MalformedXML");
  const version = documentOf(["a"]).replace("</Key>", "</Key><VersionId>1</VersionId>");
  assert.equal((await remove(version)).code, "InvalidArgument");
  const unchecked = await bucket.signed("POST", "?delete", { body: documentOf(["a"]) });
  assert.deepEqual([unchecked.status, unchecked.code], [400, "InvalidRequest"]);
  assert.deepEqual(await keys(), before);
});
