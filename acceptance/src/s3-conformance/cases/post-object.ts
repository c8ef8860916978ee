import assert from "node:assert/strict";
import { rootOf, textOf } from "../../harness/read-xml.ts";
import type { ConformanceCase, ConformanceGroup } from "../conformance-case.ts";
import { type Form, postForm } from "../post-form.ts";
import { assertAbsent, assertHolds, assertRefused, assertStatus, contentOf } from "../s3-session.ts";

const source = "API sigv4-post-example, RESTObjectPOST, sigv4-HTTPPOSTConstructPolicy";

const taken: ConformanceCase[] = [
  {
    name: "a form that its policy allows writes its file, and is answered 204",
    source: `${source}; s3-tests test_post_object_authenticated_request`,
    async run(s3) {
      const key = s3.newKey();
      const answer = await postForm(s3, { key });
      assertStatus(answer, 204);
      await assertHolds(s3, key, "bar");
    },
  },
  {
    name: "a form may carry a large file, byte by byte",
    source: `${source}; s3-tests test_post_object_upload_larger_than_chunk`,
    async run(s3) {
      const key = s3.newKey();
      const body = contentOf(3 * 1024 * 1024 + 17, 5);
      assertStatus(await postForm(s3, { key, body }), 204);
      await assertHolds(s3, key, body);
    },
  },
  {
    name: "a file that holds what looks like a boundary comes whole",
    source,
    async run(s3) {
      const key = s3.newKey();
      const body = "a\r\n------conformance\r\n--\r\n\r\nb\r\n--";
      assertStatus(await postForm(s3, { key, body }), 204);
      await assertHolds(s3, key, body);
    },
  },
  {
    name: "an empty file of a form is an object",
    source,
    async run(s3) {
      const key = s3.newKey();
      assertStatus(await postForm(s3, { key, body: "" }), 204);
      await assertHolds(s3, key, "");
    },
  },
  {
    name: "success_action_status 200 is answered 200 without a document",
    source: `${source}: 200, 201 or 204`,
    async run(s3) {
      const answer = await postForm(s3, {
        key: s3.newKey(),
        fields: { success_action_status: "200" },
        conditions: [{ success_action_status: "200" }],
      });
      assertStatus(answer, 200);
    },
  },
  {
    name: "success_action_status 201 is answered with a document of bucket, key, ETag and location",
    source: `${source}; s3-tests test_post_object_set_success_code`,
    async run(s3) {
      const key = s3.newKey();
      const answer = await postForm(s3, {
        key,
        fields: { success_action_status: "201" },
        conditions: [["eq", "$success_action_status", "201"]],
      });
      assertStatus(answer, 201);
      assert.equal(rootOf(answer.text), "PostResponse");
      assert.equal(textOf(answer.text, "Bucket"), s3.place.bucket);
      assert.equal(textOf(answer.text, "Key"), key);
      assert.equal(textOf(answer.text, "ETag"), (await s3.head(key)).headers.etag);
      assert.ok(textOf(answer.text, "Location")?.includes(s3.place.bucket));
    },
  },
  {
    name: "a success_action_status that is none of the three is answered 204",
    source: `${source}; s3-tests test_post_object_set_invalid_success_code`,
    async run(s3) {
      const answer = await postForm(s3, {
        key: s3.newKey(),
        fields: { success_action_status: "404" },
        conditions: [["starts-with", "$success_action_status", ""]],
      });
      assertStatus(answer, 204);
      assert.equal(answer.body.length, 0);
    },
  },
  {
    name: "success_action_redirect is answered 303, with bucket, key and ETag in the query",
    source: `${source}; s3-tests test_post_object_success_redirect_action`,
    async run(s3) {
      const key = s3.newKey();
      const redirect = "https://app.example/done?x=1";
      const answer = await postForm(s3, {
        key,
        fields: { success_action_redirect: redirect },
        conditions: [["eq", "$success_action_redirect", redirect]],
      });
      assertStatus(answer, 303);
      const location = new URL(answer.headers.location ?? "");
      assert.equal(location.origin, "https://app.example");
      assert.equal(location.searchParams.get("x"), "1");
      assert.equal(location.searchParams.get("bucket"), s3.place.bucket);
      assert.equal(location.searchParams.get("key"), key);
      assert.ok(location.searchParams.get("etag"));
    },
  },
  {
    name: "the key may take the file's name",
    source: `${source}: \${filename}; s3-tests test_post_object_set_key_from_filename`,
    async run(s3) {
      const start = s3.newKey("/");
      assertStatus(await postForm(s3, { key: `${start}\${filename}`, filename: "photo 1.jpg" }), 204);
      await assertHolds(s3, `${start}photo 1.jpg`, "bar");
    },
  },
  {
    name: "type, headers and metadata of the fields are the object's",
    source: `${source}; s3-tests test_post_object_user_specified_header`,
    async run(s3) {
      const key = s3.newKey();
      const answer = await postForm(s3, {
        key,
        fields: { "Content-Type": "image/x-form", "Cache-Control": "max-age=9", "x-amz-meta-colour": "red" },
        conditions: [
          ["starts-with", "$Content-Type", "image/"],
          ["eq", "$Cache-Control", "max-age=9"],
          { "x-amz-meta-colour": "red" },
        ],
      });
      assertStatus(answer, 204);
      const { headers } = await s3.head(key);
      assert.equal(headers["content-type"], "image/x-form");
      assert.equal(headers["cache-control"], "max-age=9");
      assert.equal(headers["x-amz-meta-colour"], "red");
    },
  },
  {
    name: "names of conditions and fields are the same in any case",
    source: `${source}; s3-tests test_post_object_case_insensitive_condition_fields`,
    async run(s3) {
      const key = s3.newKey();
      const answer = await postForm(s3, {
        key,
        fields: { "cOnTeNt-TyPe": "image/x-form" },
        conditions: [["starts-with", "$CONTENT-type", "image/"]],
      });
      assertStatus(answer, 204);
    },
  },
  {
    name: "a field that begins with x-ignore- needs no condition",
    source: `${source}: x-ignore-; s3-tests test_post_object_ignored_header`,
    async run(s3) {
      assertStatus(await postForm(s3, { key: s3.newKey(), fields: { "x-ignore-foo": "bar" } }), 204);
    },
  },
  {
    name: "what comes after the file is ignored",
    source: `${source}: the file must be the last field; any fields below it are ignored`,
    async run(s3) {
      const key = s3.newKey();
      assertStatus(await postForm(s3, { key, late: { "x-amz-meta-late": "1", submit: "Upload" } }), 204);
      assert.equal((await s3.head(key)).headers["x-amz-meta-late"], undefined);
      await assertHolds(s3, key, "bar");
    },
  },
  {
    name: "a file within content-length-range is taken, at both its ends",
    source: `${source}: content-length-range`,
    async run(s3) {
      for (const body of ["123", "12345"]) {
        const key = s3.newKey();
        assertStatus(await postForm(s3, { key, body, conditions: [["content-length-range", 3, 5]] }), 204);
        await assertHolds(s3, key, body);
      }
    },
  },
  {
    name: "a condition that begins with nothing allows any value",
    source: `${source}: starts-with ""`,
    async run(s3) {
      const form: Form = {
        key: s3.newKey(),
        fields: { "Content-Type": "anything/at-all" },
        conditions: [["starts-with", "$Content-Type", ""]],
      };
      assertStatus(await postForm(s3, form), 204);
    },
  },
];

const refused = (
  name: string,
  from: string,
  form: Omit<Form, "key">,
  status: number,
  ...codes: string[]
): ConformanceCase => ({
  name,
  source: `${source}; ${from}`,
  async run(s3) {
    const key = s3.newKey();
    assertRefused(await postForm(s3, { key, ...form }), status, ...codes);
    await assertAbsent(s3, key);
  },
});

const soon = (): string => new Date(Date.now() + 60_000).toISOString();

const refusals: ConformanceCase[] = [
  refused(
    "a form with another signature is refused",
    "s3-tests test_post_object_invalid_signature",
    { spoilSignature: true },
    403,
    "SignatureDoesNotMatch",
  ),
  refused(
    "a form of another secret is refused",
    "ErrorResponses SignatureDoesNotMatch",
    { secretAccessKey: "wrong" },
    403,
    "SignatureDoesNotMatch",
  ),
  refused(
    "a form of a key that does not exist is refused",
    "s3-tests test_post_object_invalid_access_key",
    { accessKeyId: "AKIANOBODY0000000000" },
    403,
    "InvalidAccessKeyId",
  ),
  refused(
    "a form after its policy's end is refused",
    "s3-tests test_post_object_expired_policy",
    { expiration: new Date(Date.now() - 60_000).toISOString() },
    403,
    "AccessDenied",
  ),
  refused(
    "a policy without an end is refused",
    "s3-tests test_post_object_missing_expires_condition; ErrorResponses InvalidPolicyDocument",
    { expiration: undefined },
    400,
    "InvalidPolicyDocument",
  ),
  refused(
    "a policy whose end is no date is refused",
    "s3-tests test_post_object_invalid_date_format; ErrorResponses InvalidPolicyDocument",
    { expiration: "tomorrow" },
    400,
    "InvalidPolicyDocument",
  ),
  refused(
    "a policy without conditions is refused",
    "s3-tests test_post_object_missing_conditions_list; ErrorResponses InvalidPolicyDocument",
    { policy: { expiration: soon() } },
    400,
    "InvalidPolicyDocument",
  ),
  refused(
    "a policy that is no JSON object is refused",
    "ErrorResponses InvalidPolicyDocument",
    { policy: "not a policy" },
    400,
    "InvalidPolicyDocument",
  ),
  refused(
    "a form without its signature is refused",
    "s3-tests test_post_object_missing_signature",
    { without: ["x-amz-signature"] },
    400,
    "InvalidArgument",
    "MissingFields",
  ),
  refused(
    "a form for another bucket than its policy names is refused",
    "s3-tests test_post_object_wrong_bucket",
    { policyBucket: "another-bucket" },
    403,
    "AccessDenied",
  ),
  refused(
    "a field that the policy does not name is refused",
    "s3-tests test_post_object_missing_policy_condition",
    { fields: { "Content-Type": "text/html" } },
    403,
    "AccessDenied",
  ),
  refused(
    "metadata that the policy does not name is refused",
    "s3-tests test_post_object_missing_policy_condition",
    { fields: { "x-amz-meta-colour": "red" } },
    403,
    "AccessDenied",
  ),
  refused(
    "a field with another value than the policy's is refused",
    "s3-tests test_post_object_invalid_request_field_value",
    { fields: { "x-amz-meta-colour": "red" }, conditions: [["eq", "$x-amz-meta-colour", "blue"]] },
    403,
    "AccessDenied",
  ),
  refused(
    "a field that does not begin as the policy says is refused",
    "s3-tests test_post_object_invalid_request_field_value",
    { fields: { "Content-Type": "text/html" }, conditions: [["starts-with", "$Content-Type", "image/"]] },
    403,
    "AccessDenied",
  ),
  refused(
    "a form without a field that the policy names is refused",
    "s3-tests test_post_object_request_missing_policy_specified_field",
    { conditions: [{ "x-amz-meta-colour": "red" }] },
    403,
    "AccessDenied",
  ),
  refused(
    "a file above content-length-range is refused, and leaves nothing",
    "s3-tests test_post_object_upload_size_limit_exceeded; ErrorResponses EntityTooLarge",
    { body: contentOf(300_000), conditions: [["content-length-range", 0, 100]] },
    400,
    "EntityTooLarge",
  ),
  refused(
    "a file below content-length-range is refused",
    "s3-tests test_post_object_upload_size_below_minimum; ErrorResponses EntityTooSmall",
    { body: "bar", conditions: [["content-length-range", 10, 100]] },
    400,
    "EntityTooSmall",
  ),
  refused(
    "a content-length-range without its end is refused",
    "s3-tests test_post_object_missing_content_length_argument; ErrorResponses InvalidPolicyDocument",
    { conditions: [["content-length-range", 0]] },
    400,
    "InvalidPolicyDocument",
  ),
  refused(
    "a content-length-range below zero is refused",
    "s3-tests test_post_object_invalid_content_length_argument; ErrorResponses InvalidPolicyDocument",
    { conditions: [["content-length-range", -1, 10]] },
    400,
    "InvalidPolicyDocument",
  ),
  refused(
    "a condition of a kind that does not exist is refused",
    "ErrorResponses InvalidPolicyDocument",
    { conditions: [["ends-with", "$key", "x"]] },
    400,
    "InvalidPolicyDocument",
  ),
  refused(
    "a form without a file is refused",
    "ErrorResponses InvalidArgument: POST requires exactly one file upload per request; IncorrectNumberOfFilesInPostRequest",
    { without: ["file"] },
    400,
    "InvalidArgument",
    "IncorrectNumberOfFilesInPostRequest",
    "MalformedPOSTRequest",
  ),
  {
    name: "a form without a key is refused",
    source: `${source}; s3-tests test_post_object_no_key_specified; ErrorResponses InvalidArgument`,
    async run(s3) {
      assertRefused(await postForm(s3, {}), 400, "InvalidArgument");
    },
  },
  {
    name: "a key that does not begin as the policy says is refused",
    source: `${source}; s3-tests test_post_object_wrong_bucket`,
    async run(s3) {
      const key = s3.newKey();
      const conditions = [["starts-with", "$key", "elsewhere/"]];
      assertRefused(await postForm(s3, { key, conditions }), 403, "AccessDenied");
      await assertAbsent(s3, key);
    },
  },
  {
    name: "a form without a policy is refused to anybody",
    source: `${source}; s3-tests test_post_object_anonymous_request, for a bucket that is not public`,
    async run(s3) {
      const key = s3.newKey();
      const without = ["policy", "x-amz-signature", "x-amz-algorithm", "x-amz-credential", "x-amz-date"];
      assertRefused(await postForm(s3, { key, without }), 403, "AccessDenied");
      await assertAbsent(s3, key);
    },
  },
];

export const postObject: ConformanceGroup = { operation: "POST forms", cases: [...taken, ...refusals] };
