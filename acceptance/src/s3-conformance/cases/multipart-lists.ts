import assert from "node:assert/strict";
import { elementsOf, rootOf, textOf, textsOf } from "../../harness/read-xml.ts";
import type { ConformanceCase, ConformanceGroup } from "../conformance-case.ts";
import { abort, complete, createMultipart, listParts, putPart } from "../multipart-upload.ts";
import { assertOk, assertRefused, requiredText, type S3Session } from "../s3-session.ts";

const numbersOf = (xml: string): number[] => textsOf(xml, "PartNumber").map(Number);

const listUploads = async (s3: S3Session, query: Readonly<Record<string, string>>) => {
  const answer = await s3.send("GET", "", { query: { uploads: "", ...query } });
  assertOk(answer);
  assert.equal(rootOf(answer.text), "ListMultipartUploadsResult");
  return answer;
};

const uploadsOf = (xml: string): (readonly [string, string])[] =>
  elementsOf(xml, "Upload").map((upload) => [textOf(upload, "Key") ?? "", textOf(upload, "UploadId") ?? ""]);

const parts: ConformanceCase[] = [
  {
    name: "parts are listed by number, with ETag, size and date",
    source: "API_ListParts",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      const third = await putPart(s3, key, uploadId, 3, "333");
      const first = await putPart(s3, key, uploadId, 1, "1");
      const answer = await listParts(s3, key, uploadId);
      assertOk(answer);
      assert.equal(rootOf(answer.text), "ListPartsResult");
      assert.deepEqual(numbersOf(answer.text), [1, 3]);
      assert.deepEqual(textsOf(answer.text, "ETag"), [first.etag, third.etag]);
      assert.deepEqual(textsOf(answer.text, "Size"), ["1", "3"]);
      for (const modified of textsOf(answer.text, "LastModified"))
        assert.match(modified, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.equal(requiredText(answer, "Bucket"), s3.place.bucket);
      assert.equal(requiredText(answer, "Key"), key);
      assert.equal(requiredText(answer, "UploadId"), uploadId);
      assert.equal(requiredText(answer, "IsTruncated"), "false");
      assert.equal(requiredText(answer, "StorageClass"), "STANDARD");
    },
  },
  {
    name: "parts are listed in pages",
    source: "API_ListParts max-parts, part-number-marker",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      for (const number of [1, 2, 5, 9, 10]) await putPart(s3, key, uploadId, number, "x");
      const pages: number[][] = [];
      for (let query: Record<string, string> = { "max-parts": "2" }; ; ) {
        const answer = await listParts(s3, key, uploadId, query);
        assertOk(answer);
        pages.push(numbersOf(answer.text));
        assert.equal(requiredText(answer, "MaxParts"), "2");
        assert.equal(requiredText(answer, "PartNumberMarker"), query["part-number-marker"] ?? "0");
        if (requiredText(answer, "IsTruncated") === "false") break;
        query = { ...query, "part-number-marker": requiredText(answer, "NextPartNumberMarker") };
      }
      assert.deepEqual(pages, [[1, 2], [5, 9], [10]]);
    },
  },
  {
    name: "a list of parts says who owns and began the upload",
    source: "API_ListParts Owner, Initiator",
    async run(s3) {
      const key = s3.newKey();
      const answer = await listParts(s3, key, await createMultipart(s3, key));
      for (const who of ["Owner", "Initiator"])
        assert.ok(textOf(elementsOf(answer.text, who)[0] ?? "", "ID"), `${who}: ${answer.text}`);
    },
  },
  {
    name: "a part that was sent again is listed once, as it is now",
    source: "API_UploadPart: overwritten; API_ListParts",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      await putPart(s3, key, uploadId, 1, "first");
      const { etag } = await putPart(s3, key, uploadId, 1, "second time");
      const answer = await listParts(s3, key, uploadId);
      assert.deepEqual(textsOf(answer.text, "ETag"), [etag]);
      assert.deepEqual(textsOf(answer.text, "Size"), ["11"]);
    },
  },
  {
    name: "max-parts that is no number is refused",
    source: "ErrorResponses InvalidArgument",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      assertRefused(await listParts(s3, key, uploadId, { "max-parts": "x" }), 400, "InvalidArgument");
      assertRefused(await listParts(s3, key, uploadId, { "max-parts": "-1" }), 400, "InvalidArgument");
    },
  },
];

const uploads: ConformanceCase[] = [
  {
    name: "uploads under way are listed by key, those that ended are not",
    source: "API_ListMultipartUploads; s3-tests test_list_multipart_upload",
    async run(s3) {
      const prefix = s3.newKey("/");
      const ids = new Map<string, string>();
      for (const end of ["b", "a", "c", "d"]) ids.set(end, await createMultipart(s3, prefix + end));
      const idOf = (end: string): string => ids.get(end) ?? "";
      await abort(s3, `${prefix}c`, idOf("c"));
      const part = await putPart(s3, `${prefix}d`, idOf("d"), 1, "x");
      assertOk(await complete(s3, `${prefix}d`, idOf("d"), [part]));
      const answer = await listUploads(s3, { prefix });
      assert.deepEqual(uploadsOf(answer.text), [
        [`${prefix}a`, idOf("a")],
        [`${prefix}b`, idOf("b")],
      ]);
      assert.equal(requiredText(answer, "IsTruncated"), "false");
      assert.equal(requiredText(answer, "Bucket"), s3.place.bucket);
      assert.equal(requiredText(answer, "Prefix"), prefix);
      const [upload = ""] = elementsOf(answer.text, "Upload");
      assert.match(textOf(upload, "Initiated") ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.equal(textOf(upload, "StorageClass"), "STANDARD");
    },
  },
  {
    name: "several uploads of one key are all listed",
    source: "API_ListMultipartUploads; s3-tests test_list_multipart_upload",
    async run(s3) {
      const key = s3.newKey();
      const ids = [await createMultipart(s3, key), await createMultipart(s3, key)];
      const answer = await listUploads(s3, { prefix: key });
      assert.deepEqual(
        uploadsOf(answer.text)
          .map(([, id]) => id)
          .sort(),
        ids.sort(),
      );
    },
  },
  {
    name: "uploads are listed in pages",
    source: "API_ListMultipartUploads key-marker, upload-id-marker, max-uploads",
    async run(s3) {
      const prefix = s3.newKey("/");
      for (const end of ["a", "b", "b", "c", "d"]) await createMultipart(s3, prefix + end);
      const pages: string[][] = [];
      const ids = new Set<string>();
      for (let query: Record<string, string> = { prefix, "max-uploads": "2" }; ; ) {
        const answer = await listUploads(s3, query);
        const page = uploadsOf(answer.text);
        pages.push(page.map(([key]) => key.slice(prefix.length)));
        for (const [, id] of page) ids.add(id);
        if (requiredText(answer, "IsTruncated") === "false") break;
        query = {
          ...query,
          "key-marker": requiredText(answer, "NextKeyMarker"),
          "upload-id-marker": requiredText(answer, "NextUploadIdMarker"),
        };
      }
      assert.deepEqual(pages, [["a", "b"], ["b", "c"], ["d"]]);
      assert.equal(ids.size, 5);
    },
  },
  {
    name: "a key marker alone goes on with the next key",
    source: "API_ListMultipartUploads key-marker",
    async run(s3) {
      const prefix = s3.newKey("/");
      for (const end of ["a", "b", "b", "c"]) await createMultipart(s3, prefix + end);
      const answer = await listUploads(s3, { prefix, "key-marker": `${prefix}b` });
      assert.deepEqual(
        uploadsOf(answer.text).map(([key]) => key),
        [`${prefix}c`],
      );
    },
  },
  {
    name: "a delimiter rolls up keys of uploads",
    source: "API_ListMultipartUploads delimiter, CommonPrefixes",
    async run(s3) {
      const prefix = s3.newKey("/");
      for (const end of ["a", "b/1", "b/2", "c/1"]) await createMultipart(s3, prefix + end);
      const answer = await listUploads(s3, { prefix, delimiter: "/" });
      assert.deepEqual(
        uploadsOf(answer.text).map(([key]) => key),
        [`${prefix}a`],
      );
      assert.deepEqual(
        elementsOf(answer.text, "CommonPrefixes").map((inner) => textOf(inner, "Prefix")),
        [`${prefix}b/`, `${prefix}c/`],
      );
    },
  },
  {
    name: "with encoding-type=url keys of uploads are encoded",
    source: "API_ListMultipartUploads encoding-type",
    async run(s3) {
      const key = s3.newKey("/ä b");
      await createMultipart(s3, key);
      const answer = await listUploads(s3, { prefix: key, "encoding-type": "url" });
      const [[listed = ""] = []] = uploadsOf(answer.text);
      assert.equal(decodeURIComponent(listed.replaceAll("+", "%20")), key);
      assert.notEqual(listed, key);
    },
  },
  {
    name: "max-uploads that is no number is refused",
    source: "ErrorResponses InvalidArgument",
    async run(s3) {
      const answer = await s3.send("GET", "", { query: { uploads: "", "max-uploads": "x" } });
      assertRefused(answer, 400, "InvalidArgument");
    },
  },
];

export const multipartLists: ConformanceGroup = {
  operation: "ListParts and ListMultipartUploads",
  cases: [...parts, ...uploads],
};
