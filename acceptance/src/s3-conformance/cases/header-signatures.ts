import assert from "node:assert/strict";
import type { S3Answer, S3Sent } from "../../harness/s3-requests.ts";
import { sha256Hex, signHeaders } from "../../harness/sign-s3.ts";
import type { ConformanceCase, ConformanceGroup } from "../conformance-case.ts";
import { assertAbsent, assertOk, assertRefused, assertStatus, type S3Session } from "../s3-session.ts";

const source = "API sig-v4-header-based-auth";
const minutes = (count: number): Date => new Date(Date.now() + count * 60_000);

async function there(s3: S3Session): Promise<string> {
  const key = s3.newKey();
  await s3.put(key, "there");
  return key;
}

/** Signs a GET, then lets its headers be changed. */
async function bentGet(
  s3: S3Session,
  bend: (headers: Record<string, string>) => Record<string, string>,
  sent: S3Sent = {},
): Promise<S3Answer> {
  const request = s3.toSign("GET", await there(s3), sent);
  const { headers } = signHeaders(request);
  return s3.fetch("GET", `${s3.place.endpoint}${request.path}`, { headers: bend({ ...headers }) });
}

const refusedGet = (
  name: string,
  from: string,
  sent: (s3: S3Session) => S3Sent,
  status: number,
  ...codes: string[]
): ConformanceCase => ({
  name,
  source: from,
  async run(s3) {
    assertRefused(await s3.send("GET", await there(s3), sent(s3)), status, ...codes);
  },
});

const cases: ConformanceCase[] = [
  refusedGet(
    "a key that does not exist is refused",
    "ErrorResponses InvalidAccessKeyId; s3-tests test_list_buckets_invalid_auth",
    ({ place }) => ({ credentials: { ...place.credentials, accessKeyId: "AKIANOBODY0000000000" } }),
    403,
    "InvalidAccessKeyId",
  ),
  refusedGet(
    "another secret is refused",
    "ErrorResponses SignatureDoesNotMatch; s3-tests test_list_buckets_bad_auth",
    ({ place }) => ({ credentials: { ...place.credentials, secretAccessKey: "wrong" } }),
    403,
    "SignatureDoesNotMatch",
  ),
  refusedGet(
    "a request of half an hour ago is refused",
    "ErrorResponses RequestTimeTooSkewed; s3-tests test_object_create_bad_date_before_epoch_aws4",
    () => ({ signedAt: minutes(-30) }),
    403,
    "RequestTimeTooSkewed",
  ),
  refusedGet(
    "a request of half an hour from now is refused",
    "ErrorResponses RequestTimeTooSkewed; s3-tests test_object_create_bad_date_after_end_aws4",
    () => ({ signedAt: minutes(30) }),
    403,
    "RequestTimeTooSkewed",
  ),
  refusedGet(
    "a request for another region is refused",
    "ErrorResponses AuthorizationHeaderMalformed",
    () => ({ region: "eu-nowhere-1" }),
    400,
    "AuthorizationHeaderMalformed",
  ),
  {
    name: "a request of ten minutes ago or ahead is taken",
    source: "ErrorResponses RequestTimeTooSkewed: within 15 minutes",
    async run(s3) {
      const key = await there(s3);
      for (const count of [-10, 10]) assertOk(await s3.send("GET", key, { signedAt: minutes(count) }));
    },
  },
  {
    name: "a request without x-amz-content-sha256 is refused",
    source: `${source}: required; ErrorResponses InvalidRequest, MissingSecurityHeader`,
    async run(s3) {
      const answer = await bentGet(s3, ({ "x-amz-content-sha256": _, ...headers }) => headers);
      assert.ok(answer.status === 400 || answer.status === 403, answer.text);
    },
  },
  {
    name: "an x-amz-content-sha256 that is none is refused",
    source: `${source}; ErrorResponses InvalidArgument`,
    async run(s3) {
      const answer = await s3.send("PUT", s3.newKey(), { body: "x", payload: "not-a-hash" });
      assertRefused(answer, 400, "InvalidArgument");
    },
  },
  {
    name: "a request without its date is refused",
    source: `${source}; ErrorResponses AccessDenied: AWS authentication requires a valid Date or x-amz-date header`,
    async run(s3) {
      const answer = await bentGet(s3, ({ "x-amz-date": _, ...headers }) => headers);
      assertRefused(answer, 403, "AccessDenied");
    },
  },
  {
    name: "an x-amz-* header that was not signed is refused",
    source: "ErrorResponses AccessDenied: there were headers present in the request which were not signed",
    async run(s3) {
      const key = s3.newKey();
      const unsigned = { "x-amz-meta-colour": "red" };
      assertRefused(await s3.send("PUT", key, { unsigned, body: "x" }), 403, "AccessDenied");
      await assertAbsent(s3, key);
    },
  },
  {
    name: "a signed header that was changed is refused",
    source: "ErrorResponses SignatureDoesNotMatch",
    async run(s3) {
      const answer = await bentGet(s3, (headers) => ({ ...headers, range: "bytes=1-1" }), {
        headers: { range: "bytes=0-0" },
      });
      assertRefused(answer, 403, "SignatureDoesNotMatch");
    },
  },
  {
    name: "a signed header that is missing is refused",
    source: "ErrorResponses SignatureDoesNotMatch",
    async run(s3) {
      const answer = await bentGet(s3, ({ range: _, ...headers }) => headers, {
        headers: { range: "bytes=0-0" },
      });
      assert.ok([400, 403].includes(answer.status), answer.text);
    },
  },
  {
    name: "spaces around a signed header, and how many are in a row, do not matter",
    source: `${source}: trim() and sequential spaces`,
    async run(s3) {
      const answer = await bentGet(s3, (headers) => ({ ...headers, "cache-control": "  no-cache,   x " }), {
        headers: { "cache-control": "no-cache, x" },
      });
      assertOk(answer);
    },
  },
  {
    name: "an Authorization header that is malformed is refused",
    source:
      "ErrorResponses AuthorizationHeaderMalformed; s3-tests test_object_create_bad_authorization_invalid_aws4",
    async run(s3) {
      for (const authorization of ["AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a,SignedHeaders=host"]) {
        const answer = await bentGet(s3, (headers) => ({ ...headers, authorization }));
        assertRefused(answer, 400, "AuthorizationHeaderMalformed");
      }
    },
  },
  {
    name: "an Authorization header of another scheme is refused",
    source: "ErrorResponses InvalidArgument: unsupported authorization type",
    async run(s3) {
      const answer = await bentGet(s3, (headers) => ({ ...headers, authorization: "Bearer abc" }));
      assertRefused(answer, 400, "InvalidArgument");
    },
  },
  {
    name: "a request without any signature is refused",
    source: "ErrorResponses AccessDenied; s3-tests test_object_anon_put",
    async run(s3) {
      const key = s3.newKey();
      const url = `${s3.place.endpoint}${s3.toSign("PUT", key).path}`;
      assertRefused(await s3.fetch("PUT", url, { body: "x" }), 403, "AccessDenied");
      await assertAbsent(s3, key);
    },
  },
  {
    name: "a signed request is good for its method alone",
    source: "ErrorResponses SignatureDoesNotMatch",
    async run(s3) {
      const key = await there(s3);
      const request = s3.toSign("GET", key);
      const { headers } = signHeaders(request);
      const answer = await s3.fetch("DELETE", `${s3.place.endpoint}${request.path}`, { headers });
      assertRefused(answer, 403, "SignatureDoesNotMatch");
      assertStatus(await s3.head(key), 200);
    },
  },
  {
    name: "a signed request is good for its query alone",
    source: "ErrorResponses SignatureDoesNotMatch",
    async run(s3) {
      const request = s3.toSign("GET", await there(s3));
      const { headers } = signHeaders(request);
      const url = `${s3.place.endpoint}${request.path}?response-content-type=text%2Fhtml`;
      assertRefused(await s3.fetch("GET", url, { headers }), 403, "SignatureDoesNotMatch");
    },
  },
  {
    name: "query members are signed in the order of their names, whatever order they are sent in",
    source: `${source}: canonical query string`,
    async run(s3) {
      const query = { prefix: "no-such/", "list-type": "2", "max-keys": "1", "start-after": "a b+c" };
      const request = s3.toSign("GET", "", { query });
      const { headers } = signHeaders(request);
      const disordered = "start-after=a%20b%2Bc&max-keys=1&prefix=no-such%2F&list-type=2";
      assertOk(await s3.fetch("GET", `${s3.place.endpoint}${request.path}?${disordered}`, { headers }));
    },
  },
  {
    name: "the empty body of a GET may be signed or left unsigned",
    source,
    async run(s3) {
      const key = await there(s3);
      for (const payload of [sha256Hex(""), "UNSIGNED-PAYLOAD"])
        assertOk(await s3.send("GET", key, { payload }));
    },
  },
];

export const headerSignatures: ConformanceGroup = { operation: "Signed headers", cases };
