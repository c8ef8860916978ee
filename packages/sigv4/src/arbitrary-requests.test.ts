import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createVerifier, SignatureRefusedError } from "./index.ts";
import { uriEncode } from "./uri-encoding.ts";

const signedAt = new Date("2026-03-01T12:00:00Z");
const verify = createVerifier({
  region: "local",
  findSecretAccessKey: (id) => (id === "AKIDEXAMPLE" ? "a secret" : undefined),
  now: () => signedAt,
});

describe("arbitrary requests", () => {
  const noise = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.string({ unit: "grapheme-ascii", maxLength: 40 }),
    fc.constantFrom(
      "AWS4-HMAC-SHA256",
      "20260301T120000Z",
      "600",
      "host",
      "host;x-amz-date",
      "0".repeat(64),
      "UNSIGNED-PAYLOAD",
      "AKIDEXAMPLE/20260301/local/s3/aws4_request",
    ),
  );
  const memberName = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-SignedHeaders",
        "X-Amz-Signature",
      ),
    },
    { weight: 1, arbitrary: noise },
  );
  const members = fc.array(fc.tuple(memberName, noise), { maxLength: 9 });
  const target = fc.oneof(
    noise,
    noise.map((text) => `/${text}`),
    members.map(
      (list) => `/b/k?${list.map(([name, value]) => `${uriEncode(name)}=${uriEncode(value)}`).join("&")}`,
    ),
  );
  const authorization = fc.oneof(
    noise,
    fc
      .tuple(noise, noise, noise)
      .map(
        ([credential, names, signature]) =>
          `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
      ),
  );
  const headers = fc.record(
    { host: noise, "x-amz-date": noise, "x-amz-content-sha256": noise, "x-amz-acl": noise, authorization },
    { requiredKeys: [] },
  );

  it("are refused with nothing but a SignatureRefusedError", () => {
    fc.assert(
      fc.property(fc.oneof(noise, fc.constant("GET")), target, headers, (method, text, given) => {
        assert.throws(
          () => verify({ method, target: text, headers: new Map(Object.entries(given)) }),
          SignatureRefusedError,
        );
      }),
      { numRuns: 3000 },
    );
  });
});
