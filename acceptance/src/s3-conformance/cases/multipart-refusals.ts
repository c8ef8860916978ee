import { createHash } from "node:crypto";
import type { ConformanceCase, ConformanceGroup } from "../conformance-case.ts";
import {
  abort,
  complete,
  completeDocument,
  createMultipart,
  fullPart,
  listParts,
  putPart,
  sendPart,
} from "../multipart-upload.ts";
import { assertAbsent, assertHolds, assertOk, assertRefused, assertStatus } from "../s3-session.ts";

const noSuchId = "VXBsb2FkIElEIGZvciA2aWWpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZA";
const wrongEtag = '"ffffffffffffffffffffffffffffffff"';

const refusals: ConformanceCase[] = [
  {
    name: "a part too small that is not the last is refused at the end",
    source: "ErrorResponses EntityTooSmall; s3-tests test_multipart_upload_size_too_small",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      const parts = [
        await putPart(s3, key, uploadId, 1, fullPart.subarray(1)),
        await putPart(s3, key, uploadId, 2, "end"),
      ];
      assertRefused(await complete(s3, key, uploadId, parts), 400, "EntityTooSmall");
      await assertAbsent(s3, key);
    },
  },
  {
    name: "parts in the wrong order are refused",
    source: "ErrorResponses InvalidPartOrder",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      const parts = [
        await putPart(s3, key, uploadId, 1, fullPart),
        await putPart(s3, key, uploadId, 2, fullPart),
      ];
      assertRefused(await complete(s3, key, uploadId, parts.toReversed()), 400, "InvalidPartOrder");
      await assertAbsent(s3, key);
    },
  },
  {
    name: "a part that was never sent is refused",
    source: "ErrorResponses InvalidPart; s3-tests test_multipart_upload_missing_part",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      const { etag } = await putPart(s3, key, uploadId, 1, "x");
      assertRefused(await complete(s3, key, uploadId, [{ number: 9999, etag }]), 400, "InvalidPart");
      await assertAbsent(s3, key);
    },
  },
  {
    name: "a part with another ETag is refused",
    source: "ErrorResponses InvalidPart; s3-tests test_multipart_upload_incorrect_etag",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      await putPart(s3, key, uploadId, 1, "x");
      assertRefused(await complete(s3, key, uploadId, [{ number: 1, etag: wrongEtag }]), 400, "InvalidPart");
    },
  },
  {
    name: "after a refused completion the upload goes on",
    source: "API_CompleteMultipartUpload",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      const part = await putPart(s3, key, uploadId, 1, "x");
      assertStatus(await complete(s3, key, uploadId, [{ number: 1, etag: wrongEtag }]), 400);
      assertOk(await complete(s3, key, uploadId, [part]));
      await assertHolds(s3, key, "x");
    },
  },
  {
    name: "a completion that names no part is refused",
    source: "ErrorResponses MalformedXML; s3-tests test_multipart_upload_empty",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      assertRefused(await complete(s3, key, uploadId, []), 400, "MalformedXML");
    },
  },
  {
    name: "a completion that is no XML is refused",
    source: "ErrorResponses MalformedXML",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      for (const body of ["not xml", "<CompleteMultipartUpload><Part>", completeDocument([]).slice(0, -5)])
        assertRefused(await s3.send("POST", key, { query: { uploadId }, body }), 400, "MalformedXML");
    },
  },
  {
    name: "part numbers are 1 to 10,000",
    source: "API_UploadPart partNumber; ErrorResponses InvalidArgument",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      for (const number of [0, 10_001, -1, "x"])
        assertRefused(await sendPart(s3, key, uploadId, number, "x"), 400, "InvalidArgument");
    },
  },
  {
    name: "an upload that does not exist takes no part, can't be listed, completed or aborted",
    source: "ErrorResponses NoSuchUpload; s3-tests test_multipart_upload_complete_without_create",
    async run(s3) {
      const key = s3.newKey();
      const part = { number: 1, etag: wrongEtag };
      assertRefused(await sendPart(s3, key, noSuchId, 1, "x"), 404, "NoSuchUpload");
      assertRefused(await listParts(s3, key, noSuchId), 404, "NoSuchUpload");
      assertRefused(await complete(s3, key, noSuchId, [part]), 404, "NoSuchUpload");
      assertRefused(await abort(s3, key, noSuchId), 404, "NoSuchUpload");
    },
  },
  {
    name: "an upload is its key's, and no other's",
    source: "ErrorResponses NoSuchUpload",
    async run(s3) {
      const [key, other] = [s3.newKey(), s3.newKey()];
      const uploadId = await createMultipart(s3, key);
      assertRefused(await sendPart(s3, other, uploadId, 1, "x"), 404, "NoSuchUpload");
      const part = await putPart(s3, key, uploadId, 1, "x");
      assertRefused(await complete(s3, other, uploadId, [part]), 404, "NoSuchUpload");
      await assertAbsent(s3, other);
    },
  },
  {
    name: "an aborted upload takes no more parts, and leaves no object",
    source: "API_AbortMultipartUpload; s3-tests test_abort_multipart_upload",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      const part = await putPart(s3, key, uploadId, 1, "x");
      assertStatus(await abort(s3, key, uploadId), 204);
      assertRefused(await sendPart(s3, key, uploadId, 1, "x"), 404, "NoSuchUpload");
      assertRefused(await complete(s3, key, uploadId, [part]), 404, "NoSuchUpload");
      await assertAbsent(s3, key);
    },
  },
  {
    name: "a completed upload takes no more parts",
    source: "ErrorResponses NoSuchUpload: the upload might have been aborted or completed",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      assertOk(await complete(s3, key, uploadId, [await putPart(s3, key, uploadId, 1, "x")]));
      assertRefused(await sendPart(s3, key, uploadId, 2, "x"), 404, "NoSuchUpload");
    },
  },
  {
    name: "an upload completed twice is one object, whatever the second time answers",
    source: "API_CompleteMultipartUpload; s3-tests test_multipart_upload",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      const part = await putPart(s3, key, uploadId, 1, "x");
      assertOk(await complete(s3, key, uploadId, [part]));
      const again = await complete(s3, key, uploadId, [part]);
      if (again.status !== 200) assertRefused(again, 404, "NoSuchUpload");
      await assertHolds(s3, key, "x");
    },
  },
  {
    name: "a part with another's Content-MD5 is refused",
    source: "API_UploadPart Content-MD5; ErrorResponses BadDigest",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      const headers = { "content-md5": createHash("md5").update("else").digest("base64") };
      assertRefused(await sendPart(s3, key, uploadId, 1, "x", headers), 400, "BadDigest");
    },
  },
  {
    name: "a part that is not the one whose SHA-256 was signed is refused",
    source: "ErrorResponses XAmzContentSHA256Mismatch",
    async run(s3) {
      const key = s3.newKey();
      const query = { partNumber: "1", uploadId: await createMultipart(s3, key) };
      const payload = createHash("sha256").update("else").digest("hex");
      const answer = await s3.send("PUT", key, { query, body: "x", payload });
      assertRefused(answer, 400, "XAmzContentSHA256Mismatch");
    },
  },
];

const conditional: ConformanceCase[] = [
  {
    name: "a completion with If-None-Match: * writes where there is nothing",
    source:
      "API_CompleteMultipartUpload If-None-Match; s3-tests test_multipart_put_current_object_if_none_match",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      const part = await putPart(s3, key, uploadId, 1, "parts");
      assertOk(await complete(s3, key, uploadId, [part], { "if-none-match": "*" }));
      await assertHolds(s3, key, "parts");
    },
  },
  {
    name: "a completion with If-None-Match: * does not write over an object",
    source: "API_CompleteMultipartUpload If-None-Match; UserGuide conditional-writes",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      const part = await putPart(s3, key, uploadId, 1, "parts");
      await s3.put(key, "meanwhile");
      const answer = await complete(s3, key, uploadId, [part], { "if-none-match": "*" });
      assertRefused(answer, 412, "PreconditionFailed");
      await assertHolds(s3, key, "meanwhile");
    },
  },
  {
    name: "a completion with If-Match writes over the object that has this ETag",
    source: "API_CompleteMultipartUpload If-Match; UserGuide conditional-writes",
    async run(s3) {
      const key = s3.newKey();
      const { headers } = await s3.put(key, "before");
      const uploadId = await createMultipart(s3, key);
      const part = await putPart(s3, key, uploadId, 1, "parts");
      assertOk(await complete(s3, key, uploadId, [part], { "if-match": headers.etag ?? "" }));
      await assertHolds(s3, key, "parts");
    },
  },
  {
    name: "a completion with If-Match does not write over an object that has another ETag",
    source: "API_CompleteMultipartUpload If-Match; UserGuide conditional-writes",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "before");
      const uploadId = await createMultipart(s3, key);
      const part = await putPart(s3, key, uploadId, 1, "parts");
      const answer = await complete(s3, key, uploadId, [part], { "if-match": wrongEtag });
      assertRefused(answer, 412, "PreconditionFailed");
      await assertHolds(s3, key, "before");
    },
  },
];

export const multipartRefusals: ConformanceGroup = {
  operation: "Multipart uploads: refusals and conditions",
  cases: [...refusals, ...conditional],
};
