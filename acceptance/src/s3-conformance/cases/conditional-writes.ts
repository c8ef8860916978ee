import assert from "node:assert/strict";
import type { ConformanceCase, ConformanceGroup } from "../conformance-case.ts";
import { assertAbsent, assertHolds, assertOk, assertRefused } from "../s3-session.ts";

const source = "UserGuide conditional-writes; API_PutObject";
const taken = [412, "PreconditionFailed"] as const;

const cases: ConformanceCase[] = [
  {
    name: "If-None-Match: * writes where there is nothing",
    source: `${source}; s3-tests test_put_object_ifnonmatch_nonexisted_good`,
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "first", { "if-none-match": "*" });
      await assertHolds(s3, key, "first");
    },
  },
  {
    name: "If-None-Match: * does not write over an object",
    source: `${source}; s3-tests test_put_object_ifnonmatch_overwrite_existed_failed`,
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "first");
      const sent = { headers: { "if-none-match": "*" }, body: "second" };
      assertRefused(await s3.send("PUT", key, sent), ...taken);
      await assertHolds(s3, key, "first");
    },
  },
  {
    name: "If-None-Match: * writes again where the object was deleted",
    source,
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "first");
      await s3.send("DELETE", key);
      await s3.put(key, "second", { "if-none-match": "*" });
      await assertHolds(s3, key, "second");
    },
  },
  {
    name: "of several PUTs with If-None-Match: * at once, one writes",
    source,
    async run(s3) {
      const key = s3.newKey();
      const bodies = Array.from({ length: 6 }, (_, index) => `body ${index}`);
      const answers = await Promise.all(
        bodies.map((body) => s3.send("PUT", key, { headers: { "if-none-match": "*" }, body })),
      );
      const winners = bodies.filter((_, index) => answers[index]?.status === 200);
      assert.equal(winners.length, 1);
      // The others hear 412, or 409 where they met in the middle.
      assert.deepEqual(
        answers.filter(({ status }) => ![200, 409, 412].includes(status)).map(({ text }) => text),
        [],
      );
      await assertHolds(s3, key, winners[0] ?? "");
    },
  },
  {
    name: "If-None-Match with an ETag is no condition of a write",
    source: "API_PutObject If-None-Match: expects the '*' character; ErrorResponses NotImplemented",
    async run(s3) {
      const key = s3.newKey();
      const sent = { headers: { "if-none-match": '"37b51d194a7513e45b56f6524f2d51f2"' }, body: "x" };
      assertRefused(await s3.send("PUT", key, sent), 501, "NotImplemented");
      await assertAbsent(s3, key);
    },
  },
  {
    name: "If-Match writes over the object that has this ETag",
    source: `${source}; s3-tests test_put_object_ifmatch_good`,
    async run(s3) {
      const key = s3.newKey();
      const { headers } = await s3.put(key, "first");
      await s3.put(key, "second", { "if-match": headers.etag ?? "" });
      await assertHolds(s3, key, "second");
    },
  },
  {
    name: "If-Match takes an ETag without its quotes",
    source,
    async run(s3) {
      const key = s3.newKey();
      const { headers } = await s3.put(key, "first");
      await s3.put(key, "second", { "if-match": headers.etag?.replaceAll('"', "") ?? "" });
      await assertHolds(s3, key, "second");
    },
  },
  {
    name: "If-Match does not write over an object that has another ETag",
    source: `${source}; s3-tests test_put_object_ifmatch_failed`,
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "first");
      const sent = { headers: { "if-match": '"37b51d194a7513e45b56f6524f2d51f2"' }, body: "second" };
      assertRefused(await s3.send("PUT", key, sent), ...taken);
      await assertHolds(s3, key, "first");
    },
  },
  {
    name: "If-Match where there is no object answers 404",
    source: `${source}; s3-tests test_put_object_ifmatch_nonexisted_failed`,
    async run(s3) {
      const key = s3.newKey();
      const sent = { headers: { "if-match": '"37b51d194a7513e45b56f6524f2d51f2"' }, body: "x" };
      assertRefused(await s3.send("PUT", key, sent), 404, "NoSuchKey");
      await assertAbsent(s3, key);
    },
  },
  {
    name: "of several PUTs with the same If-Match at once, one writes",
    source,
    async run(s3) {
      const key = s3.newKey();
      const etag = (await s3.put(key, "first")).headers.etag ?? "";
      const bodies = Array.from({ length: 6 }, (_, index) => `body ${index}`);
      const answers = await Promise.all(
        bodies.map((body) => s3.send("PUT", key, { headers: { "if-match": etag }, body })),
      );
      const winners = bodies.filter((_, index) => answers[index]?.status === 200);
      assert.equal(winners.length, 1);
      await assertHolds(s3, key, winners[0] ?? "");
    },
  },
  {
    name: "a presigned PUT that signed If-None-Match: * writes once",
    source: "UserGuide conditional-writes; API sigv4-query-string-auth",
    async run(s3) {
      const key = s3.newKey();
      const headers = { "content-length": "5", "if-none-match": "*" };
      const url = s3.presign("PUT", key, { headers });
      assertOk(await s3.fetch("PUT", url, { headers, body: "first" }));
      assertRefused(await s3.fetch("PUT", url, { headers, body: "other" }), ...taken);
      await assertHolds(s3, key, "first");
    },
  },
];

export const conditionalWrites: ConformanceGroup = { operation: "PutObject: conditions", cases };
