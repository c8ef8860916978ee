import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { rootOf } from "../../harness/read-xml.ts";
import type { ConformanceCase, ConformanceGroup } from "../conformance-case.ts";
import {
  complete,
  compositeOf,
  createMultipart,
  fullPart,
  minPartBytes,
  otherFullPart,
  putPart,
  uploadInParts,
} from "../multipart-upload.ts";
import {
  assertAbsent,
  assertHolds,
  assertOk,
  assertRefused,
  assertStatus,
  requiredText,
} from "../s3-session.ts";

const whole: ConformanceCase[] = [
  {
    name: "an upload of three parts becomes one object",
    source: "API_CompleteMultipartUpload; s3-tests test_multipart_upload",
    async run(s3) {
      const key = s3.newKey();
      const answer = await uploadInParts(s3, key, [fullPart, otherFullPart, "the end"]);
      assert.equal(rootOf(answer.text), "CompleteMultipartUploadResult");
      assert.equal(requiredText(answer, "Bucket"), s3.place.bucket);
      assert.equal(requiredText(answer, "Key"), key);
      assert.ok(requiredText(answer, "Location").length > 0);
      await assertHolds(s3, key, Buffer.concat([fullPart, otherFullPart, Buffer.from("the end")]));
    },
  },
  {
    name: "an upload of one small part becomes an object",
    source: "s3-tests test_multipart_upload_small",
    async run(s3) {
      const key = s3.newKey();
      await uploadInParts(s3, key, ["small"]);
      await assertHolds(s3, key, "small");
    },
  },
  {
    name: "the ETag of parts is that of their MD5s and their number, in the answer, GET and HEAD",
    source: "API_Object ETag: the MD5 of the concatenated digests, a dash, the number of parts",
    async run(s3) {
      const key = s3.newKey();
      const bodies = [fullPart, "the end"];
      const etag = `"${compositeOf("md5", "hex", bodies)}"`;
      assert.equal(requiredText(await uploadInParts(s3, key, bodies), "ETag"), etag);
      assert.equal((await s3.head(key)).headers.etag, etag);
      assert.equal((await s3.get(key)).headers.etag, etag);
    },
  },
  {
    name: "the ETag of a part is the MD5 of its bytes",
    source: "API_UploadPart",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      const { etag } = await putPart(s3, key, uploadId, 1, "bar");
      assert.equal(etag, `"${createHash("md5").update("bar").digest("hex")}"`);
    },
  },
  {
    name: "an upload is begun with bucket, key and an id in the answer",
    source: "API_CreateMultipartUpload",
    async run(s3) {
      const key = s3.newKey("/ä&<");
      const answer = await s3.send("POST", key, { query: { uploads: "" } });
      assertOk(answer);
      assert.equal(rootOf(answer.text), "InitiateMultipartUploadResult");
      assert.equal(requiredText(answer, "Bucket"), s3.place.bucket);
      assert.equal(requiredText(answer, "Key"), key);
      assert.ok(requiredText(answer, "UploadId").length > 0);
    },
  },
  {
    name: "type, headers and metadata of the beginning are the object's",
    source: "API_CreateMultipartUpload; s3-tests test_multipart_upload",
    async run(s3) {
      const key = s3.newKey();
      const described = {
        "content-type": "text/x-parts",
        "cache-control": "max-age=5",
        "content-disposition": "inline",
        "content-encoding": "x-own",
        "x-amz-meta-colour": "red",
      };
      await uploadInParts(s3, key, ["x"], described);
      const { headers } = await s3.head(key);
      for (const [name, value] of Object.entries(described)) assert.equal(headers[name], value);
    },
  },
  {
    name: "there is no object before the upload is completed, and what was there stays",
    source: "UserGuide mpuoverview; s3-tests test_multipart_upload_overwrite_existing_object",
    async run(s3) {
      const [fresh, taken] = [s3.newKey(), s3.newKey()];
      await s3.put(taken, "before");
      for (const key of [fresh, taken]) await putPart(s3, key, await createMultipart(s3, key), 1, "parts");
      await assertAbsent(s3, fresh);
      await assertHolds(s3, taken, "before");
    },
  },
  {
    name: "a completed upload replaces what was there",
    source: "s3-tests test_multipart_upload_overwrite_existing_object",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "before");
      await uploadInParts(s3, key, ["after"]);
      await assertHolds(s3, key, "after");
    },
  },
  {
    name: "parts may come in any order, with any numbers up to 10,000",
    source: "UserGuide qfacts: part numbers 1 to 10,000; mpuoverview: need not be consecutive",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      const last = await putPart(s3, key, uploadId, 10_000, "end");
      const first = await putPart(s3, key, uploadId, 7, fullPart);
      assertOk(await complete(s3, key, uploadId, [first, last]));
      await assertHolds(s3, key, Buffer.concat([fullPart, Buffer.from("end")]));
    },
  },
  {
    name: "parts that are not named at the end are left out",
    source: "UserGuide mpuoverview: parts that were not listed are discarded",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      await putPart(s3, key, uploadId, 1, "unwanted");
      const wanted = await putPart(s3, key, uploadId, 2, "wanted");
      assertOk(await complete(s3, key, uploadId, [wanted]));
      await assertHolds(s3, key, "wanted");
    },
  },
  {
    name: "a part that is sent again replaces the first",
    source: "API_UploadPart: overwritten; s3-tests test_multipart_upload_resend_part",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      const first = await putPart(s3, key, uploadId, 1, "first");
      const second = await putPart(s3, key, uploadId, 1, "second time");
      assert.notEqual(first.etag, second.etag);
      assertOk(await complete(s3, key, uploadId, [second]));
      await assertHolds(s3, key, "second time");
    },
  },
  {
    name: "a part that was replaced can't be named by its old ETag",
    source: "ErrorResponses InvalidPart; s3-tests test_multipart_upload_incorrect_etag",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      const first = await putPart(s3, key, uploadId, 1, "first");
      await putPart(s3, key, uploadId, 1, "second");
      assertRefused(await complete(s3, key, uploadId, [first]), 400, "InvalidPart");
      await assertAbsent(s3, key);
    },
  },
  {
    name: "ETags at the end may be without quotes",
    source: "API_CompletedPart",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      const { number, etag } = await putPart(s3, key, uploadId, 1, "x");
      assertOk(await complete(s3, key, uploadId, [{ number, etag: etag.replaceAll('"', "") }]));
    },
  },
  {
    name: "two uploads of one key do not meet",
    source: "UserGuide mpuoverview: multiple multipart uploads of one key",
    async run(s3) {
      const key = s3.newKey();
      const [one, two] = [await createMultipart(s3, key), await createMultipart(s3, key)];
      assert.notEqual(one, two);
      const ofOne = await putPart(s3, key, one, 1, "one");
      const ofTwo = await putPart(s3, key, two, 1, "two");
      assertOk(await complete(s3, key, two, [ofTwo]));
      await assertHolds(s3, key, "two");
      assertOk(await complete(s3, key, one, [ofOne]));
      await assertHolds(s3, key, "one");
    },
  },
  {
    name: "ranges of an object of parts go across their bounds",
    source: "API_GetObject Range",
    async run(s3) {
      const key = s3.newKey();
      await uploadInParts(s3, key, [fullPart, otherFullPart, "the end"]);
      const all = Buffer.concat([fullPart, otherFullPart, Buffer.from("the end")]);
      for (const [from, to] of [
        [minPartBytes - 3, minPartBytes + 2],
        [100, 2 * minPartBytes + 3],
        [2 * minPartBytes - 1, 2 * minPartBytes],
      ] as const) {
        const answer = await s3.get(key, { range: `bytes=${from}-${to}` });
        assertStatus(answer, 206);
        assert.ok(answer.body.equals(all.subarray(from, to + 1)));
      }
      assert.equal((await s3.get(key, { range: "bytes=-3" })).text, "end");
    },
  },
];

const byPart: ConformanceCase[] = [
  {
    name: "a part of an object is answered by its number, with the number of parts",
    source: "API_GetObject partNumber, x-amz-mp-parts-count; s3-tests test_multipart_get_part",
    async run(s3) {
      const key = s3.newKey();
      await uploadInParts(s3, key, [fullPart, "the end"]);
      const second = await s3.send("GET", key, { query: { partNumber: "2" } });
      assertStatus(second, 206);
      assert.equal(second.text, "the end");
      assert.equal(second.headers["x-amz-mp-parts-count"], "2");
      assert.equal(
        second.headers["content-range"],
        `bytes ${minPartBytes}-${minPartBytes + 6}/${minPartBytes + 7}`,
      );
      const first = await s3.send("GET", key, { query: { partNumber: "1" } });
      assert.ok(first.body.equals(fullPart));
    },
  },
  {
    name: "HEAD of a part tells its length and the number of parts",
    source: "API_HeadObject partNumber; s3-tests test_multipart_get_part",
    async run(s3) {
      const key = s3.newKey();
      await uploadInParts(s3, key, [fullPart, "the end"]);
      const answer = await s3.send("HEAD", key, { query: { partNumber: "2" } });
      assertStatus(answer, 206);
      assert.equal(answer.headers["content-length"], "7");
      assert.equal(answer.headers["x-amz-mp-parts-count"], "2");
    },
  },
  {
    name: "a part that an object does not have can't be had",
    source: "ErrorResponses InvalidPartNumber; s3-tests test_multipart_get_part",
    async run(s3) {
      const key = s3.newKey();
      await uploadInParts(s3, key, ["only"]);
      const answer = await s3.send("GET", key, { query: { partNumber: "2" } });
      assertRefused(answer, 416, "InvalidPartNumber");
    },
  },
];

export const multipartUpload: ConformanceGroup = {
  operation: "Multipart uploads",
  cases: [...whole, ...byPart],
};
