import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  checkPostConditions,
  createPostPolicySigner,
  createPostPolicyVerifier,
  type PostCondition,
  type PostPolicy,
  SignatureRefusedError,
} from "./index.ts";
import { decodePostPolicy, encodePostPolicy } from "./post-policy.ts";

const credentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const region = "us-east-1";
const signedAt = new Date("2015-12-29T00:00:00Z");

const verifierAt = (now: Date, maxExpiresInSeconds?: number) =>
  createPostPolicyVerifier({
    region,
    findSecretAccessKey: (id) => (id === credentials.accessKeyId ? credentials.secretAccessKey : undefined),
    now: () => now,
    ...(maxExpiresInSeconds !== undefined && { maxExpiresInSeconds }),
  });

const refused = (code: string) => (error: unknown) => {
  assert.ok(error instanceof SignatureRefusedError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html, with its line ends. */
const awsPolicy = [
  '{ "expiration": "2015-12-30T12:00:00.000Z",',
  '  "conditions": [',
  '    {"bucket": "sigv4examplebucket"},',
  '    ["starts-with", "$key", "user/user1/"],',
  '    {"acl": "public-read"},',
  '    {"success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},',
  '    ["starts-with", "$Content-Type", "image/"],',
  '    {"x-amz-meta-uuid": "14365123651274"},',
  '    {"x-amz-server-side-encryption": "AES256"},',
  '    ["starts-with", "$x-amz-meta-tag", ""],',
  "",
  '    {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},',
  '    {"x-amz-algorithm": "AWS4-HMAC-SHA256"},',
  '    {"x-amz-date": "20151229T000000Z" }',
  "  ]",
  "}",
].join("\r\n");

const awsFields = new Map([
  ["key", "user/user1/photo.jpg"],
  ["acl", "public-read"],
  ["success_action_redirect", "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"],
  ["content-type", "image/jpeg"],
  ["x-amz-meta-uuid", "14365123651274"],
  ["x-amz-server-side-encryption", "AES256"],
  ["x-amz-credential", "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"],
  ["x-amz-algorithm", "AWS4-HMAC-SHA256"],
  ["x-amz-date", "20151229T000000Z"],
  ["x-amz-meta-tag", ""],
  ["policy", Buffer.from(awsPolicy).toString("base64")],
  ["x-amz-signature", "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"],
]);

describe("AWS's published example of a signed form", () => {
  it("is accepted, and its conditions hold", () => {
    const { policy, accessKeyId } = verifierAt(signedAt)(awsFields);
    assert.equal(accessKeyId, credentials.accessKeyId);
    assert.deepEqual(policy.expiresAt, new Date("2015-12-30T12:00:00Z"));
    assert.deepEqual(checkPostConditions(policy, awsFields, "sigv4examplebucket"), {
      verdict: "allowed",
      minBytes: 0,
      maxBytes: Number.POSITIVE_INFINITY,
    });
  });

  it("is refused with any other signature, policy, date or key", () => {
    for (const [name, value, code] of [
      [
        "x-amz-signature",
        "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699f",
        "SignatureDoesNotMatch",
      ],
      [
        "x-amz-signature",
        "8AFDBF4008C03F22C2CD3CDB72E4AFBB1F6A588F3255AC628749A66D7F09699E",
        "SignatureDoesNotMatch",
      ],
      ["x-amz-signature", "", "SignatureDoesNotMatch"],
      [
        "policy",
        Buffer.from(awsPolicy.replace("user1", "user2")).toString("base64"),
        "SignatureDoesNotMatch",
      ],
      ["x-amz-date", "20151230T000000Z", "InvalidArgument"],
      ["x-amz-date", "2015-12-29", "InvalidArgument"],
      ["x-amz-algorithm", "AWS4-HMAC-SHA1", "InvalidRequest"],
      ["x-amz-credential", "AKIAIOSFODNN7EXAMPLE/20151229/eu-west-1/s3/aws4_request", "InvalidArgument"],
      ["x-amz-credential", "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request/", "InvalidArgument"],
      ["x-amz-credential", "SOMEBODYELSE/20151229/us-east-1/s3/aws4_request", "InvalidAccessKeyId"],
      ["awsaccesskeyid", "AKIAIOSFODNN7EXAMPLE", "InvalidRequest"],
    ] as const)
      assert.throws(
        () => verifierAt(signedAt)(new Map([...awsFields, [name, value]])),
        refused(code),
        `${name} ${value}`,
      );
    for (const [missing, code] of [
      ["policy", "AccessDenied"],
      ["x-amz-signature", "InvalidArgument"],
      ["x-amz-credential", "InvalidArgument"],
      ["x-amz-date", "InvalidArgument"],
      ["x-amz-algorithm", "InvalidArgument"],
    ] as const) {
      const fields = new Map(awsFields);
      fields.delete(missing);
      assert.throws(() => verifierAt(signedAt)(fields), refused(code), missing);
    }
  });
});

const sign = createPostPolicySigner({ credentials, region });
const expiresAt = new Date("2015-12-29T00:10:00Z");
const signed = (conditions: readonly PostCondition[]): Map<string, string> =>
  new Map(Object.entries(sign({ conditions, expiresAt, signedAt })));

describe("the time of a policy", () => {
  it("ends with its expiration, or with the longest life after its date, whichever comes first", () => {
    const fields = signed([]);
    const at = (iso: string, maxExpiresInSeconds?: number) => () =>
      verifierAt(new Date(iso), maxExpiresInSeconds)(fields);
    assert.doesNotThrow(at("2015-12-29T00:09:59Z"));
    assert.throws(at("2015-12-29T00:10:00Z"), refused("AccessDenied"));
    assert.throws(at("2015-12-29T00:01:00Z", 60), refused("AccessDenied"));
    assert.doesNotThrow(at("2015-12-29T00:00:59Z", 60));
  });

  it("begins with its date, but for the skew of a clock", () => {
    const fields = signed([]);
    assert.doesNotThrow(() => verifierAt(new Date("2015-12-28T23:46:00Z"))(fields));
    assert.throws(
      () => verifierAt(new Date("2015-12-28T23:44:00Z"))(fields),
      refused("RequestTimeTooSkewed"),
    );
  });
});

const policyOf = (conditions: readonly PostCondition[]): PostPolicy => ({ expiresAt, conditions });
const bucketIs: PostCondition = { match: "eq", field: "bucket", value: "b" };
const verdictOf = (conditions: readonly PostCondition[], fields: Record<string, string>, bucket = "b") =>
  checkPostConditions(policyOf(conditions), new Map(Object.entries(fields)), bucket);

describe("the conditions of a policy", () => {
  it("want each field that they name, exactly or by its beginning", () => {
    const conditions: PostCondition[] = [
      bucketIs,
      { match: "starts-with", field: "key", value: "in/" },
      { match: "eq", field: "content-type", value: "image/png" },
    ];
    const fine = { key: "in/a", "content-type": "image/png" };
    assert.equal(verdictOf(conditions, fine).verdict, "allowed");
    for (const [wrong, field] of [
      [{ ...fine, key: "out/a" }, "key"],
      [{ ...fine, key: "IN/a" }, "key"],
      [{ ...fine, "content-type": "image/png2" }, "content-type"],
      [{ "content-type": "image/png" }, "key"],
      [{ ...fine, bucket: "c" }, "bucket"],
    ] as const)
      assert.deepEqual(verdictOf(conditions, wrong), { verdict: "condition-failed", field });
    assert.deepEqual(verdictOf(conditions, fine, "c"), { verdict: "condition-failed", field: "bucket" });
    const anything: PostCondition = { match: "starts-with", field: "x-amz-meta-tag", value: "" };
    assert.equal(verdictOf([...conditions, anything], fine).verdict, "condition-failed");
    assert.equal(verdictOf([...conditions, anything], { ...fine, "x-amz-meta-tag": "" }).verdict, "allowed");
  });

  it("must speak of every field, but for those of the signature and what is to be ignored", () => {
    const exempt = { policy: "p", "x-amz-signature": "s", file: "f", "x-ignore-me": "1" };
    assert.equal(verdictOf([bucketIs], exempt).verdict, "allowed");
    assert.deepEqual(verdictOf([bucketIs], { ...exempt, acl: "private" }), {
      verdict: "extra-field",
      field: "acl",
    });
    assert.deepEqual(verdictOf([], {}), { verdict: "extra-field", field: "bucket" });
  });

  it("hold together where several speak of one thing", () => {
    const range = (minBytes: number, maxBytes: number): PostCondition => ({
      match: "content-length-range",
      minBytes,
      maxBytes,
    });
    assert.deepEqual(verdictOf([bucketIs, range(1, 50), range(5, 100)], {}), {
      verdict: "allowed",
      minBytes: 5,
      maxBytes: 50,
    });
    const a: PostCondition = { match: "starts-with", field: "key", value: "a" };
    const ab: PostCondition = { match: "starts-with", field: "key", value: "ab" };
    assert.equal(verdictOf([bucketIs, a, ab], { key: "ac" }).verdict, "condition-failed");
  });
});

describe("a policy's document", () => {
  const decode = (text: string) => decodePostPolicy(Buffer.from(text).toString("base64"));
  const until = '"expiration":"2015-12-30T12:00:00Z"';

  it("is read whatever the case of its operators and fields", () => {
    assert.deepEqual(
      decode(`{${until},"conditions":[["StArTs-WiTh","$KeY","F"],["eq","$ACL","private"],{"Bucket":"b"}]}`),
      {
        expiresAt: new Date("2015-12-30T12:00:00Z"),
        conditions: [
          { match: "starts-with", field: "key", value: "F" },
          { match: "eq", field: "acl", value: "private" },
          bucketIs,
        ],
      },
    );
    assert.deepEqual(decode(`{${until},"conditions":[["content-length-range","1",2]]}`).conditions, [
      { match: "content-length-range", minBytes: 1, maxBytes: 2 },
    ]);
  });

  for (const [what, text] of [
    ["no JSON", "{"],
    ["no object", "3"],
    ["null", "null"],
    ["no expiration", '{"conditions":[{"bucket":"b"}]}'],
    ["an expiration of no time zone", '{"expiration":"2015-12-30T12:00:00","conditions":[{"bucket":"b"}]}'],
    ["an expiration that is no date", '{"expiration":"2015-13-30T12:00:00Z","conditions":[{"bucket":"b"}]}'],
    ["members in another case", '{"Expiration":"2015-12-30T12:00:00Z","CONDITIONS":[{"bucket":"b"}]}'],
    ["no conditions", `{${until}}`],
    ["an empty list of conditions", `{${until},"conditions":[]}`],
    ["a condition of a word", `{${until},"conditions":["bucket"]}`],
    ["an unknown operator", `{${until},"conditions":[["ends-with","$key","a"]]}`],
    ["a field without $", `{${until},"conditions":[["eq","key","a"]]}`],
    ["a range of one number", `{${until},"conditions":[["content-length-range",1]]}`],
    ["a range below zero", `{${until},"conditions":[["content-length-range",-1,2]]}`],
    ["a range of halves", `{${until},"conditions":[["content-length-range",0.5,2]]}`],
    ["a value that is no string", `{${until},"conditions":[{"key":1}]}`],
  ] as const)
    it(`is refused with ${what}`, () => {
      assert.throws(() => decode(text), refused("InvalidPolicyDocument"));
    });

  it("is refused where its base64 could be read in two ways", () => {
    const encoded = encodePostPolicy(policyOf([bucketIs]));
    for (const bent of [`${encoded}!`, ` ${encoded}`, encoded.replace(/=+$/, ""), `${encoded}\n`])
      if (bent !== encoded) assert.throws(() => decodePostPolicy(bent), refused("InvalidPolicyDocument"));
  });

  it("comes back from its encoding as it was, and never fails but by refusing", () => {
    const field = fc.string({ minLength: 1 }).map((name) => name.replace(/^\$/, "_").toLowerCase());
    const condition: fc.Arbitrary<PostCondition> = fc.oneof(
      fc.record(
        { match: fc.constantFrom("eq", "starts-with"), field, value: fc.string({ unit: "binary" }) },
        { noNullPrototype: true },
      ),
      fc.record(
        {
          match: fc.constant("content-length-range"),
          minBytes: fc.maxSafeNat(),
          maxBytes: fc.maxSafeNat(),
        },
        { noNullPrototype: true },
      ),
    );
    fc.assert(
      fc.property(fc.array(condition, { minLength: 1 }), (conditions) => {
        assert.deepEqual(decodePostPolicy(encodePostPolicy(policyOf(conditions))), policyOf(conditions));
      }),
    );
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        try {
          decode(text);
        } catch (error) {
          assert.ok(error instanceof SignatureRefusedError, String(error));
        }
      }),
    );
  });
});

it("a form of arbitrary fields is never accepted, and refused with a code of S3's", () => {
  const names = [
    "policy",
    "x-amz-signature",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-algorithm",
    "signature",
  ];
  const value = fc.oneof(fc.string(), fc.constantFrom(...awsFields.values()));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...names), value)), (entries) => {
      const fields = new Map(entries);
      const isTheExample = names.slice(0, 5).every((name) => fields.get(name) === awsFields.get(name));
      fc.pre(!isTheExample);
      assert.throws(
        () => verifierAt(signedAt)(fields),
        (error) => error instanceof SignatureRefusedError,
      );
    }),
  );
});
