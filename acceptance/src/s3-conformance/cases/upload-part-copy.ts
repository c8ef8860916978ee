import assert from "node:assert/strict";
import { rootOf } from "../../harness/read-xml.ts";
import type { S3Answer } from "../../harness/s3-requests.ts";
import { encodePath } from "../../harness/sign-s3.ts";
import type { ConformanceCase, ConformanceGroup } from "../conformance-case.ts";
import {
  complete,
  createMultipart,
  fullPart,
  type Headers,
  putPart,
  uploadInParts,
} from "../multipart-upload.ts";
import { assertHolds, assertOk, assertRefused, requiredText, type S3Session } from "../s3-session.ts";

const tenBytes = "0123456789";

interface Copied {
  readonly key: string;
  readonly uploadId: string;
  readonly answer: S3Answer;
}

/** An upload with part 1 copied from a source. */
async function copyPart(
  s3: S3Session,
  from: string,
  headers: Headers = {},
  key = s3.newKey(),
): Promise<Copied> {
  const uploadId = await createMultipart(s3, key);
  const answer = await s3.send("PUT", key, {
    query: { partNumber: "1", uploadId },
    headers: { "x-amz-copy-source": `/${s3.place.bucket}/${encodePath(from)}`, ...headers },
  });
  return { key, uploadId, answer };
}

async function completeCopied(s3: S3Session, { key, uploadId, answer }: Copied): Promise<void> {
  assertOk(answer);
  assertOk(await complete(s3, key, uploadId, [{ number: 1, etag: requiredText(answer, "ETag") }]));
}

const source = "API_UploadPartCopy";

const cases: ConformanceCase[] = [
  {
    name: "a part may be a copy of an object",
    source: `${source}; s3-tests test_multipart_copy_small`,
    async run(s3) {
      const from = s3.newKey();
      await s3.put(from, tenBytes);
      const copied = await copyPart(s3, from);
      assert.equal(rootOf(copied.answer.text), "CopyPartResult");
      assert.ok(Math.abs(Date.parse(requiredText(copied.answer, "LastModified")) - Date.now()) < 60_000);
      await completeCopied(s3, copied);
      await assertHolds(s3, copied.key, tenBytes);
    },
  },
  {
    name: "a part may be a range of an object",
    source: `${source} x-amz-copy-source-range; s3-tests test_multipart_copy_small`,
    async run(s3) {
      const from = s3.newKey();
      await s3.put(from, tenBytes);
      const copied = await copyPart(s3, from, { "x-amz-copy-source-range": "bytes=3-6" });
      await completeCopied(s3, copied);
      await assertHolds(s3, copied.key, "3456");
    },
  },
  {
    name: "parts may be copied and sent in one upload",
    source,
    async run(s3) {
      const from = s3.newKey();
      await s3.put(from, fullPart);
      const { key, uploadId, answer } = await copyPart(s3, from);
      assertOk(answer);
      const second = await putPart(s3, key, uploadId, 2, "sent");
      const first = { number: 1, etag: requiredText(answer, "ETag") };
      assertOk(await complete(s3, key, uploadId, [first, second]));
      await assertHolds(s3, key, Buffer.concat([fullPart, Buffer.from("sent")]));
    },
  },
  {
    name: "a part may be a range across the parts of an object",
    source,
    async run(s3) {
      const from = s3.newKey();
      await uploadInParts(s3, from, [fullPart, tenBytes]);
      const start = fullPart.length - 4;
      const copied = await copyPart(s3, from, { "x-amz-copy-source-range": `bytes=${start}-${start + 8}` });
      await completeCopied(s3, copied);
      await assertHolds(s3, copied.key, Buffer.concat([fullPart.subarray(start), Buffer.from("01234")]));
    },
  },
  {
    name: "a copied part outlives its source",
    source,
    async run(s3) {
      const from = s3.newKey();
      await s3.put(from, tenBytes);
      const copied = await copyPart(s3, from);
      await s3.put(from, "changed");
      await s3.send("DELETE", from);
      await completeCopied(s3, copied);
      await assertHolds(s3, copied.key, tenBytes);
    },
  },
  ...([" x", "a+b", "100%", "ü/文", "?x=1"] as const).map(
    (end): ConformanceCase => ({
      name: `a part's source whose key ends in "${end}" is found`,
      source: `${source}; s3-tests test_multipart_copy_special_names, test_upload_part_copy_percent_encoded_key`,
      async run(s3) {
        const from = s3.newKey(end);
        await s3.put(from, end);
        const copied = await copyPart(s3, from);
        await completeCopied(s3, copied);
        await assertHolds(s3, copied.key, end);
      },
    }),
  ),
  {
    name: "a range that its source does not have is refused",
    source: `${source}; s3-tests test_multipart_copy_invalid_range`,
    async run(s3) {
      const from = s3.newKey();
      await s3.put(from, tenBytes);
      for (const range of ["bytes=0-10", "bytes=20-30"]) {
        const { answer } = await copyPart(s3, from, { "x-amz-copy-source-range": range });
        if (answer.status === 416) assertRefused(answer, 416, "InvalidRange");
        else assertRefused(answer, 400, "InvalidArgument", "InvalidRequest");
      }
    },
  },
  ...(["0-2", "bytes=0", "bytes=hello-world", "bytes=0-bar", "bytes=hello-", "bytes=0-2,3-5"] as const).map(
    (range): ConformanceCase => ({
      name: `a range to copy that reads "${range}" is refused`,
      source: `${source}: bytes=first-last; s3-tests test_multipart_copy_improper_range`,
      async run(s3) {
        const from = s3.newKey();
        await s3.put(from, "01234");
        const { answer } = await copyPart(s3, from, { "x-amz-copy-source-range": range });
        assertRefused(answer, 400, "InvalidArgument");
      },
    }),
  ),
  {
    name: "a part's source that is not there is told",
    source: "ErrorResponses NoSuchKey",
    async run(s3) {
      const { answer } = await copyPart(s3, s3.newKey());
      assertRefused(answer, 404, "NoSuchKey");
    },
  },
  {
    name: "a part is not copied into an upload that does not exist",
    source: "ErrorResponses NoSuchUpload",
    async run(s3) {
      const from = s3.newKey();
      await s3.put(from, "x");
      const answer = await s3.send("PUT", s3.newKey(), {
        query: { partNumber: "1", uploadId: "bm8gc3VjaCB1cGxvYWQgYXQgYWxs" },
        headers: { "x-amz-copy-source": `/${s3.place.bucket}/${from}` },
      });
      assertRefused(answer, 404, "NoSuchUpload");
    },
  },
  {
    name: "a part is copied where its source has the ETag that was asked for",
    source: `${source} x-amz-copy-source-if-match`,
    async run(s3) {
      const from = s3.newKey();
      const { headers } = await s3.put(from, "x");
      assertOk((await copyPart(s3, from, { "x-amz-copy-source-if-match": headers.etag ?? "" })).answer);
    },
  },
  {
    name: "a part is not copied where its source has another ETag",
    source: `${source} x-amz-copy-source-if-match; ErrorResponses PreconditionFailed`,
    async run(s3) {
      const from = s3.newKey();
      await s3.put(from, "x");
      const { answer } = await copyPart(s3, from, { "x-amz-copy-source-if-match": '"ABCORZ"' });
      assertRefused(answer, 412, "PreconditionFailed");
    },
  },
  {
    name: "a part is not copied where its source has the ETag that was not wanted",
    source: `${source} x-amz-copy-source-if-none-match; ErrorResponses PreconditionFailed`,
    async run(s3) {
      const from = s3.newKey();
      const { headers } = await s3.put(from, "x");
      const { answer } = await copyPart(s3, from, { "x-amz-copy-source-if-none-match": headers.etag ?? "" });
      assertRefused(answer, 412, "PreconditionFailed");
    },
  },
];

export const uploadPartCopy: ConformanceGroup = { operation: "UploadPartCopy", cases };
