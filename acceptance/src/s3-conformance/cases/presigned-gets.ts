import assert from "node:assert/strict";
import type { ConformanceCase, ConformanceGroup } from "../conformance-case.ts";
import { assertOk, assertRefused, assertStatus, type S3Session } from "../s3-session.ts";

const source = "API sigv4-query-string-auth";
const refusedAs = ["AccessDenied", "SignatureDoesNotMatch", "AuthorizationQueryParametersError"] as const;
const minutes = (count: number): Date => new Date(Date.now() + count * 60_000);

async function there(s3: S3Session): Promise<string> {
  const key = s3.newKey();
  await s3.put(key, "there");
  return key;
}

const gets: ConformanceCase[] = [
  {
    name: "a presigned GET answers the object, and HEAD the same of its own",
    source,
    async run(s3) {
      const key = await there(s3);
      const get = await s3.fetch("GET", s3.presign("GET", key));
      assert.deepEqual([get.status, get.text], [200, "there"]);
      assertOk(await s3.fetch("HEAD", s3.presign("HEAD", key)));
    },
  },
  {
    name: "a presigned GET may have a range and conditions that were not signed",
    source: `${source}: only host and x-amz-* must be signed`,
    async run(s3) {
      const url = s3.presign("GET", await there(s3));
      const part = await s3.fetch("GET", url, { headers: { range: "bytes=1-2" } });
      assert.deepEqual([part.status, part.text], [206, "he"]);
      assertStatus(await s3.fetch("GET", url, { headers: { "if-none-match": "*" } }), 304);
    },
  },
  {
    name: "a presigned GET answers the type and disposition that it signed",
    source: "API_GetObject response header overrides",
    async run(s3) {
      const query = {
        "response-content-type": "text/x-signed",
        "response-content-disposition": 'attachment; filename="a b (1).txt"',
      };
      const { headers } = await s3.fetch("GET", s3.presign("GET", await there(s3), { query }));
      assert.equal(headers["content-type"], "text/x-signed");
      assert.equal(headers["content-disposition"], query["response-content-disposition"]);
    },
  },
  {
    name: "a presigned GET with another disposition than it signed is refused",
    source,
    async run(s3) {
      const query = { "response-content-disposition": "attachment" };
      const url = new URL(s3.presign("GET", await there(s3), { query }));
      url.searchParams.set("response-content-disposition", "inline");
      assertRefused(await s3.fetch("GET", url.href), 403, ...refusedAs);
    },
  },
  {
    name: "a presigned GET with a type that it did not sign is refused",
    source,
    async run(s3) {
      const url = `${s3.presign("GET", await there(s3))}&response-content-type=text%2Fhtml`;
      assertRefused(await s3.fetch("GET", url), 403, ...refusedAs);
    },
  },
  {
    name: "a presigned GET may be used again while it lives",
    source,
    async run(s3) {
      const url = s3.presign("GET", await there(s3));
      for (let turn = 0; turn < 3; turn++) assertOk(await s3.fetch("GET", url));
    },
  },
  {
    name: "a presigned GET of what is not there answers 404",
    source,
    async run(s3) {
      assertRefused(await s3.fetch("GET", s3.presign("GET", s3.newKey())), 404, "NoSuchKey");
    },
  },
];

const times: ConformanceCase[] = [
  {
    name: "a presigned URL past its life is refused",
    source: `${source}: AccessDenied, Request has expired; s3-tests test_object_raw_get_x_amz_expires_not_expired`,
    async run(s3) {
      const url = s3.presign("GET", await there(s3), { signedAt: minutes(-2), expiresInSeconds: 60 });
      assertRefused(await s3.fetch("GET", url), 403, "AccessDenied");
    },
  },
  {
    name: "a presigned URL of some while ago is good until its end",
    source,
    async run(s3) {
      const url = s3.presign("GET", await there(s3), { signedAt: minutes(-20), expiresInSeconds: 1800 });
      assertOk(await s3.fetch("GET", url));
    },
  },
  {
    name: "a presigned URL from a clock slightly ahead is good",
    source: "API RESTAuthentication: within 15 minutes",
    async run(s3) {
      assertOk(await s3.fetch("GET", s3.presign("GET", await there(s3), { signedAt: minutes(5) })));
    },
  },
  {
    name: "a presigned URL from a clock far ahead is refused",
    source: "ErrorResponses AccessDenied, RequestTimeTooSkewed",
    async run(s3) {
      const url = s3.presign("GET", await there(s3), { signedAt: minutes(60) });
      assertRefused(await s3.fetch("GET", url), 403, "AccessDenied", "RequestTimeTooSkewed");
    },
  },
  ...(["0", "-1", "604801", "x", "1e3"] as const).map(
    (expiresInSeconds): ConformanceCase => ({
      name: `a presigned URL with a life of "${expiresInSeconds}" is refused`,
      source: `${source}: 1 to 604800; s3-tests test_object_raw_get_x_amz_expires_out_range_zero`,
      async run(s3) {
        const url = s3.presign("GET", await there(s3), { expiresInSeconds });
        const answer = await s3.fetch("GET", url);
        if (answer.status === 400) assertRefused(answer, 400, "AuthorizationQueryParametersError");
        else assertRefused(answer, 403, ...refusedAs);
      },
    }),
  ),
  {
    name: "a presigned URL may live a week",
    source: `${source}: up to 604800 seconds`,
    async run(s3) {
      const url = s3.presign("GET", await there(s3), { expiresInSeconds: 604_800 });
      assertOk(await s3.fetch("GET", url));
    },
  },
  {
    name: "a presigned URL with a key that does not exist is refused",
    source: "ErrorResponses InvalidAccessKeyId",
    async run(s3) {
      const credentials = { ...s3.place.credentials, accessKeyId: "AKIANOBODY0000000000" };
      const url = s3.presign("GET", await there(s3), { credentials });
      assertRefused(await s3.fetch("GET", url), 403, "InvalidAccessKeyId");
    },
  },
  {
    name: "a presigned URL of another secret is refused",
    source: "ErrorResponses SignatureDoesNotMatch",
    async run(s3) {
      const credentials = { ...s3.place.credentials, secretAccessKey: "wrong" };
      const url = s3.presign("GET", await there(s3), { credentials });
      assertRefused(await s3.fetch("GET", url), 403, "SignatureDoesNotMatch");
    },
  },
  {
    name: "a presigned URL for another region is refused",
    source: "ErrorResponses AuthorizationQueryParametersError",
    async run(s3) {
      const url = s3.presign("GET", await there(s3), { region: "eu-nowhere-1" });
      assertRefused(await s3.fetch("GET", url), 400, "AuthorizationQueryParametersError");
    },
  },
  {
    name: "a presigned URL without one of its members is refused",
    source: `${source}; ErrorResponses AuthorizationQueryParametersError`,
    async run(s3) {
      const key = await there(s3);
      for (const name of ["X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders"]) {
        const url = new URL(s3.presign("GET", key));
        url.searchParams.delete(name);
        const { status } = await s3.fetch("GET", url.href);
        assert.ok(status === 400 || status === 403, `${name}: ${status}`);
      }
    },
  },
  {
    name: "a presigned URL with an Authorization header besides is refused",
    source: "ErrorResponses InvalidArgument: only one auth mechanism allowed",
    async run(s3) {
      const url = s3.presign("GET", await there(s3));
      const answer = await s3.fetch("GET", url, {
        headers: { authorization: "AWS4-HMAC-SHA256 Credential=x" },
      });
      assertRefused(answer, 400, "InvalidArgument");
    },
  },
];

export const presignedGets: ConformanceGroup = {
  operation: "Presigned GETs, and the life of presigned URLs",
  cases: [...gets, ...times],
};
