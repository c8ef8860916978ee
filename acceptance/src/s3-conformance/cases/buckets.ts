import assert from "node:assert/strict";
import { elementsOf, rootOf, textOf, textsOf } from "../../harness/read-xml.ts";
import type { S3Answer } from "../../harness/s3-requests.ts";
import type { ConformanceCase, ConformanceGroup } from "../conformance-case.ts";
import { assertOk, assertRefused, assertStatus, type S3Session } from "../s3-session.ts";

const missing = "no-such-bucket-anywhere";

/** The service itself has no bucket in its path. */
const listBuckets = (s3: S3Session): Promise<S3Answer> => s3.send("GET", "", { bucket: "" });

const preflight = (s3: S3Session, origin: string, method: string, asked?: string): Promise<S3Answer> =>
  s3.fetch("OPTIONS", `${s3.place.endpoint}/${s3.place.bucket}/any`, {
    headers: {
      origin,
      "access-control-request-method": method,
      ...(asked !== undefined && { "access-control-request-headers": asked }),
    },
  });

const bucket: ConformanceCase[] = [
  {
    name: "HEAD of the bucket answers 200 without a body",
    source: "API_HeadBucket; s3-tests test_bucket_head",
    async run(s3) {
      const answer = await s3.head("");
      assertOk(answer);
      assert.equal(answer.body.length, 0);
    },
  },
  {
    name: "HEAD of the bucket tells its region",
    source: "API_HeadBucket x-amz-bucket-region",
    async run(s3) {
      assert.equal((await s3.head("")).headers["x-amz-bucket-region"], s3.place.region);
    },
  },
  {
    name: "HEAD of a bucket that does not exist answers 404",
    source: "API_HeadBucket; s3-tests test_bucket_head_notexist",
    async run(s3) {
      assertStatus(await s3.send("HEAD", "", { bucket: missing }), 404);
    },
  },
  {
    name: "the bucket's location is told, empty for us-east-1",
    source: "API_GetBucketLocation; s3-tests test_bucket_get_location",
    async run(s3) {
      const answer = await s3.send("GET", "", { query: { location: "" } });
      assertOk(answer);
      assert.equal(rootOf(answer.text), "LocationConstraint");
      assert.equal(textOf(answer.text, "LocationConstraint"), "");
    },
  },
  {
    name: "buckets are listed with their owner and dates",
    source: "API_ListBuckets; s3-tests test_buckets_create_then_list",
    async run(s3) {
      const answer = await listBuckets(s3);
      assertOk(answer);
      assert.equal(rootOf(answer.text), "ListAllMyBucketsResult");
      const found = elementsOf(answer.text, "Bucket").find((one) => textOf(one, "Name") === s3.place.bucket);
      assert.match(textOf(found ?? "", "CreationDate") ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.ok(textOf(elementsOf(answer.text, "Owner")[0] ?? "", "ID"));
    },
  },
  {
    name: "buckets are listed to nobody whose key does not exist",
    source: "ErrorResponses InvalidAccessKeyId; s3-tests test_list_buckets_invalid_auth",
    async run(s3) {
      const credentials = { ...s3.place.credentials, accessKeyId: "AKIANOBODY0000000000" };
      assertRefused(await s3.send("GET", "", { bucket: "", credentials }), 403, "InvalidAccessKeyId");
    },
  },
  {
    name: "the versioning of a bucket that never had any is an empty document",
    source: "API_GetBucketVersioning; s3-tests test_versioning_bucket_create_suspend",
    async run(s3) {
      const answer = await s3.send("GET", "", { query: { versioning: "" } });
      assertOk(answer);
      assert.equal(rootOf(answer.text), "VersioningConfiguration");
      assert.equal(textOf(answer.text, "Status"), undefined);
    },
  },
  {
    name: "a bucket's policy that it does not have is told",
    source: "API_GetBucketPolicy; ErrorResponses NoSuchBucketPolicy",
    async run(s3) {
      assertRefused(await s3.send("GET", "", { query: { policy: "" } }), 404, "NoSuchBucketPolicy");
    },
  },
  {
    name: "tags of a bucket that has none are told to be none",
    source: "API_GetBucketTagging; ErrorResponses NoSuchTagSet",
    async run(s3) {
      assertRefused(await s3.send("GET", "", { query: { tagging: "" } }), 404, "NoSuchTagSet");
    },
  },
  {
    name: "the ACL of an object is its owner's full control",
    source: "API_GetObjectAcl; s3-tests test_object_acl_default",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "x");
      const answer = await s3.send("GET", key, { query: { acl: "" } });
      assertOk(answer);
      assert.deepEqual(textsOf(answer.text, "Permission"), ["FULL_CONTROL"]);
    },
  },
  {
    name: "the attributes of an object are told: ETag, size, storage class",
    source: "API_GetObjectAttributes; s3-tests test_get_object_attributes",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "12345");
      const answer = await s3.send("GET", key, {
        query: { attributes: "" },
        headers: { "x-amz-object-attributes": "ETag,ObjectSize,StorageClass" },
      });
      assertOk(answer);
      assert.equal(textOf(answer.text, "ObjectSize"), "5");
      assert.equal(textOf(answer.text, "StorageClass"), "STANDARD");
    },
  },
];

const cors: ConformanceCase[] = [
  {
    name: "the bucket's CORS rules are told",
    source: "API_GetBucketCors; s3-tests test_set_cors",
    async run(s3) {
      const answer = await s3.send("GET", "", { query: { cors: "" } });
      assertOk(answer);
      assert.equal(rootOf(answer.text), "CORSConfiguration");
      assert.ok(textsOf(answer.text, "AllowedOrigin").includes(s3.allowedOrigin), answer.text);
      const methods = textsOf(answer.text, "AllowedMethod");
      assert.ok(methods.includes("GET") && methods.includes("PUT"), answer.text);
    },
  },
  {
    name: "a preflight from an allowed origin is answered with what it may",
    source: "API RESTOPTIONSobject; s3-tests test_cors_origin_response",
    async run(s3) {
      const answer = await preflight(s3, s3.allowedOrigin, "PUT", "content-type,x-amz-checksum-sha256");
      assert.ok([200, 204].includes(answer.status), answer.text);
      assert.equal(answer.headers["access-control-allow-origin"], s3.allowedOrigin);
      assert.match(String(answer.headers["access-control-allow-methods"]), /\bPUT\b/);
      const allowed = String(answer.headers["access-control-allow-headers"]).toLowerCase();
      assert.match(allowed, /content-type/);
      assert.match(allowed, /x-amz-checksum-sha256/);
    },
  },
  {
    name: "a preflight from another origin is refused",
    source: "API RESTOPTIONSobject: 403 Forbidden; s3-tests test_cors_origin_response",
    async run(s3) {
      for (const origin of ["https://evil.example", `${s3.allowedOrigin}.evil.example`, "null"]) {
        const answer = await preflight(s3, origin, "PUT");
        assertRefused(answer, 403, "AccessForbidden", "AccessDenied");
        assert.equal(answer.headers["access-control-allow-origin"], undefined);
      }
    },
  },
  {
    name: "a preflight for a method that no rule allows is refused",
    source: "API RESTOPTIONSobject: 403 Forbidden; s3-tests test_cors_origin_response",
    async run(s3) {
      const answer = await preflight(s3, s3.allowedOrigin, "PATCH");
      if (answer.status === 400) assertRefused(answer, 400, "BadRequest", "InvalidRequest");
      else assertRefused(answer, 403, "AccessForbidden", "AccessDenied");
    },
  },
  {
    name: "a preflight without an origin is refused",
    source: "API RESTOPTIONSobject: Origin is required, 400 BadRequest; s3-tests test_cors_origin_response",
    async run(s3) {
      const answer = await s3.fetch("OPTIONS", `${s3.place.endpoint}/${s3.place.bucket}/any`, {
        headers: { "access-control-request-method": "PUT" },
      });
      assertRefused(answer, 400, "BadRequest");
    },
  },
  {
    name: "an answer to an allowed origin says so, and may be read with its ETag",
    source: "UserGuide cors; s3-tests test_cors_presigned_get_object",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "x");
      const answer = await s3.fetch("GET", s3.presign("GET", key), { headers: { origin: s3.allowedOrigin } });
      assertOk(answer);
      assert.equal(answer.headers["access-control-allow-origin"], s3.allowedOrigin);
      assert.match(String(answer.headers["access-control-expose-headers"]), /etag/i);
    },
  },
  {
    name: "an answer to another origin does not say that it may be read",
    source: "UserGuide cors; s3-tests test_cors_origin_response",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "x");
      const answer = await s3.fetch("GET", s3.presign("GET", key), {
        headers: { origin: "https://evil.example" },
      });
      assertOk(answer);
      assert.equal(answer.headers["access-control-allow-origin"], undefined);
    },
  },
  {
    name: "a refusal to an allowed origin may be read too",
    source: "UserGuide cors",
    async run(s3) {
      const url = s3.presign("GET", s3.newKey());
      const answer = await s3.fetch("GET", url, { headers: { origin: s3.allowedOrigin } });
      assertRefused(answer, 404, "NoSuchKey");
      assert.equal(answer.headers["access-control-allow-origin"], s3.allowedOrigin);
    },
  },
];

const lifecycle: ConformanceCase[] = [
  {
    name: "the bucket's lifecycle rules are told, each with status and filter",
    source: "API_GetBucketLifecycleConfiguration; s3-tests test_lifecycle_get",
    async run(s3) {
      const answer = await s3.send("GET", "", { query: { lifecycle: "" } });
      assertOk(answer);
      assert.equal(rootOf(answer.text), "LifecycleConfiguration");
      const rules = elementsOf(answer.text, "Rule");
      assert.ok(rules.length > 0, answer.text);
      for (const rule of rules) {
        assert.equal(textOf(rule, "Status"), "Enabled");
        assert.ok(elementsOf(rule, "Prefix").length > 0, rule);
      }
      assert.ok(
        rules.some((rule) => elementsOf(rule, "AbortIncompleteMultipartUpload").length > 0),
        answer.text,
      );
    },
  },
];

export const buckets: ConformanceGroup = { operation: "Buckets", cases: [...bucket, ...lifecycle] };
export const corsRules: ConformanceGroup = { operation: "CORS", cases: cors };
