import assert from "node:assert/strict";
import { rootOf, textOf } from "../../harness/read-xml.ts";
import type { S3Answer } from "../../harness/s3-requests.ts";
import type { ConformanceCase, ConformanceGroup } from "../conformance-case.ts";
import { assertOk, assertStatus, type S3Session } from "../s3-session.ts";

const source = "API ErrorResponses: REST error responses";

const refusal = (s3: S3Session): Promise<S3Answer> => s3.get(s3.newKey("/ü<&>"));

const cases: ConformanceCase[] = [
  {
    name: "an error is an XML document, as its type says",
    source,
    async run(s3) {
      const answer = await refusal(s3);
      assert.equal(rootOf(answer.text), "Error");
      assert.match(answer.headers["content-type"] ?? "", /^application\/xml/);
      assert.equal(answer.headers["content-length"], String(answer.body.length));
      assert.match(answer.text, /^<\?xml version="1.0" encoding="UTF-8"\?>/);
    },
  },
  {
    name: "an error has its code and a message for people",
    source,
    async run(s3) {
      const { text } = await refusal(s3);
      assert.equal(textOf(text, "Code"), "NoSuchKey");
      assert.ok((textOf(text, "Message") ?? "").length > 0, text);
    },
  },
  {
    name: "an error names what it is about",
    source: `${source}: Resource`,
    async run(s3) {
      const key = s3.newKey();
      const { text } = await s3.get(key);
      assert.ok(textOf(text, "Resource")?.includes(key) || textOf(text, "Key") === key, text);
    },
  },
  {
    name: "an error has the request's id, the same as its header",
    source: `${source}: RequestId; s3-tests test_object_requestid_matches_header_on_error`,
    async run(s3) {
      const answer = await refusal(s3);
      assert.ok(answer.headers["x-amz-request-id"]);
      assert.equal(textOf(answer.text, "RequestId"), answer.headers["x-amz-request-id"]);
    },
  },
  {
    name: "every answer has an id of its own",
    source: "API RESTCommonResponseHeaders x-amz-request-id",
    async run(s3) {
      const key = s3.newKey();
      const ids = [
        (await s3.put(key, "x")).headers,
        (await s3.get(key)).headers,
        (await s3.head("")).headers,
      ].map((headers) => headers["x-amz-request-id"]);
      assert.ok(ids.every((id) => id !== undefined));
      assert.equal(new Set(ids).size, ids.length);
    },
  },
  {
    name: "an error that answers HEAD has no body",
    source: "API_HeadObject",
    async run(s3) {
      const answer = await s3.head(s3.newKey());
      assertStatus(answer, 404);
      assert.equal(answer.body.length, 0);
      assert.ok(answer.headers["x-amz-request-id"]);
    },
  },
  {
    name: "an error repeats neither secret nor signature",
    source,
    async run(s3) {
      const url = s3.presign("GET", s3.newKey());
      const { text } = await s3.fetch("GET", url);
      assert.ok(!text.includes(s3.place.credentials.secretAccessKey));
      assert.ok(!text.includes(new URL(url).searchParams.get("X-Amz-Signature") ?? "none"), text);
    },
  },
  {
    name: "a method that S3 does not know is not taken for another",
    source: "ErrorResponses MethodNotAllowed",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "x");
      assertStatus(await s3.send("PATCH", key), 405);
    },
  },
  {
    name: "the connection is good for more after an error",
    source: "RFC 9112 9.3",
    async run(s3) {
      for (let turn = 0; turn < 3; turn++) {
        await refusal(s3);
        assertOk(await s3.head(""));
      }
    },
  },
  {
    name: "an answer has its date",
    source: "API RESTCommonResponseHeaders Date",
    async run(s3) {
      const { headers } = await s3.head("");
      assert.ok(Math.abs(Date.parse(headers.date ?? "") - Date.now()) < 60_000);
    },
  },
];

export const errorDocuments: ConformanceGroup = { operation: "Errors", cases };
