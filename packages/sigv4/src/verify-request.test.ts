import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createHeaderSigner, createPresigner, type ReceivedRequest, SignatureRefusedError } from "./index.ts";
import {
  codeOf,
  credentials,
  headerSigned,
  origin,
  presign,
  presigned,
  region,
  signedAt,
  verifierAt,
} from "./signed-requests.test-fixture.ts";

describe("a request without one good signature", () => {
  it("is AccessDenied where there is none", () => {
    assert.equal(codeOf({ ...presigned(), target: "/bucket/key" }), "AccessDenied");
    assert.equal(
      codeOf({ ...presigned(), target: "/bucket/key?AWSAccessKeyId=A&Signature=B&Expires=1" }),
      "AccessDenied",
    );
  });

  it("is refused where it is signed in several ways, though each were good", () => {
    const inHeaders = headerSigned();
    const url = new URL(`${origin}${inHeaders.target}`);
    const both = presign({ method: "GET", url, expiresInSeconds: 600, signedAt }).slice(origin.length);
    assert.equal(codeOf({ ...inHeaders, target: both }), "InvalidArgument");

    const bearer = presigned();
    assert.equal(
      codeOf({ ...bearer, headers: new Map([...bearer.headers, ["authorization", "Bearer x"]]) }),
      "InvalidArgument",
    );

    const version2 = new URL(`${origin}/bucket/key?AWSAccessKeyId=AKIDEXAMPLE&Signature=x`);
    const withVersion2 = presign({ method: "PUT", url: version2, expiresInSeconds: 600, signedAt });
    assert.equal(codeOf({ ...presigned(), target: withVersion2.slice(origin.length) }), "InvalidArgument");
  });

  it("is refused where a member of the query's signature is missing, misspelt or doubled", () => {
    const request = presigned();
    for (const name of ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"]) {
      const member = new RegExp(`[?&]X-Amz-${name}=[^&]*`);
      const missing = request.target.replace(member, (text) => `${text.slice(0, 1)}a=b`);
      assert.equal(codeOf({ ...request, target: missing }), "AuthorizationQueryParametersError", name);
      const misspelt = request.target.replace(`X-Amz-${name}`, `x-amz-${name.toLowerCase()}`);
      assert.equal(codeOf({ ...request, target: misspelt }), "AuthorizationQueryParametersError", name);
      const doubled = `${request.target}&${member.exec(request.target)?.[0].slice(1)}`;
      assert.equal(codeOf({ ...request, target: doubled }), "AccessDenied", name);
      const doubledMisspelt = `${request.target}&x-amz-${name.toLowerCase()}=1`;
      assert.equal(
        codeOf({ ...request, target: doubledMisspelt }),
        "AuthorizationQueryParametersError",
        name,
      );
    }
  });

  it("is InvalidArgument where the header is of another scheme", () => {
    for (const authorization of [
      "",
      "AWS AKIDEXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg=",
      "Bearer x",
      "aws4-hmac-sha256",
    ])
      assert.equal(codeOf(headerSigned({ authorization })), "InvalidArgument", authorization);
  });

  it("is AuthorizationHeaderMalformed where the header is of another kind or incomplete", () => {
    const good = headerSigned().headers.get("authorization") ?? "";
    assert.equal(codeOf(headerSigned({ authorization: good })), "accepted");
    for (const authorization of [
      good.replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
      good.replace(/, SignedHeaders=[^,]*/, ""),
      good.replace(/, Signature=.*/, ""),
      `${good},${good}`,
      `${good} `,
      `${good}, Signature=${"0".repeat(64)}`,
    ]) {
      assert.equal(codeOf(headerSigned({ authorization })), "AuthorizationHeaderMalformed", authorization);
    }
  });

  it("is refused with S3's code where its date or its payload's hash is missing or malformed", () => {
    assert.equal(codeOf(headerSigned({ "x-amz-date": undefined })), "AccessDenied");
    assert.equal(codeOf(headerSigned({ "x-amz-content-sha256": undefined })), "InvalidRequest");
    assert.equal(codeOf(headerSigned({ "x-amz-content-sha256": "0".repeat(63) })), "InvalidArgument");
  });

  it("is SignatureDoesNotMatch where the signature has another length, case or alphabet", () => {
    const request = presigned();
    for (const change of [
      (signature: string) => signature.slice(1),
      (signature: string) => `${signature}0`,
      (signature: string) => signature.toUpperCase(),
      (signature: string) => `${signature.slice(0, 63)}g`,
      () => "",
      () => "0".repeat(64),
    ]) {
      const target = request.target.replace(/(?<=X-Amz-Signature=).*/, change);
      assert.equal(codeOf({ ...request, target }), "SignatureDoesNotMatch", target);
    }
  });

  it("is refused where a control character comes in by the method or a header", () => {
    const request = headerSigned();
    for (const method of ["", "get", "GET\n", "GET\n/other", "G ET", "GET\u0000"]) {
      assert.equal(codeOf({ ...request, method }), "AccessDenied", JSON.stringify(method));
    }
    assert.equal(codeOf(headerSigned({ host: "127.0.0.1:9000\nx:y" })), "SignatureDoesNotMatch");
    assert.equal(codeOf(headerSigned({ host: "127.0.0.1:9000\u00a0" })), "SignatureDoesNotMatch");
  });
});

describe("the credential", () => {
  it("must be one that is known", () => {
    const unknown = createPresigner({ credentials: { ...credentials, accessKeyId: "AKIDNOBODY" }, region });
    const url = new URL(`${origin}/bucket/key`);
    const target = unknown({ method: "PUT", url, expiresInSeconds: 600, signedAt }).slice(origin.length);
    assert.equal(codeOf({ ...presigned(), target }), "InvalidAccessKeyId");
  });

  it("never has an empty secret, which everybody would know", () => {
    assert.equal(codeOf(presigned(), verifierAt(0, { findSecretAccessKey: () => "" })), "InvalidAccessKeyId");
  });

  it("must be for this region and service, in a scope of five parts", () => {
    const request = presigned();
    const scope = "%2F20260301%2Flocal%2Fs3%2Faws4_request";
    for (const other of [
      "%2F20260301%2Fus-east-1%2Fs3%2Faws4_request",
      "%2F20260301%2Flocal%2Fsts%2Faws4_request",
      "%2F20260301%2Flocal%2Fs3%2Faws4",
      "%2F20260302%2Flocal%2Fs3%2Faws4_request",
      `%2Fx${scope}`,
      scope.slice(3),
      "",
    ]) {
      const target = request.target.replace(scope, other);
      assert.notEqual(target, request.target);
      assert.equal(codeOf({ ...request, target }), "AuthorizationQueryParametersError", other);
    }
    const nameless = request.target.replace("AKIDEXAMPLE", "");
    assert.equal(codeOf({ ...request, target: nameless }), "AuthorizationQueryParametersError");
  });

  it("follows its secret at once when that is changed or withdrawn", () => {
    let secret: string | undefined = credentials.secretAccessKey;
    const verify = verifierAt(0, { findSecretAccessKey: () => secret });
    assert.equal(codeOf(presigned(), verify), "accepted");
    secret = "another";
    assert.equal(codeOf(presigned(), verify), "SignatureDoesNotMatch");
    secret = undefined;
    assert.equal(codeOf(presigned(), verify), "InvalidAccessKeyId");
    secret = credentials.secretAccessKey;
    assert.equal(codeOf(presigned(), verify), "accepted");
  });

  it("is found again after more keys than are cached", () => {
    const verify = verifierAt(0, { findSecretAccessKey: (id) => `secret of ${id}` });
    const url = new URL(`${origin}/bucket/key`);
    for (let index = 0; index < 200; index += 1) {
      const accessKeyId = `AKID${index % 100}`;
      const own = createPresigner({
        credentials: { accessKeyId, secretAccessKey: `secret of ${accessKeyId}` },
        region,
      });
      const target = own({ method: "PUT", url, expiresInSeconds: 600, signedAt }).slice(origin.length);
      assert.equal(verify({ ...presigned(), target }).accessKeyId, accessKeyId);
    }
  });

  it("may be temporary: the session token is signed", () => {
    const temporary = { ...credentials, sessionToken: "token/+=" };
    const url = new URL(`${origin}/bucket/key`);
    const own = createPresigner({ credentials: temporary, region });
    const target = own({ method: "PUT", url, expiresInSeconds: 600, signedAt }).slice(origin.length);
    assert.match(target, /&X-Amz-Security-Token=token%2F%2B%3D&/);
    assert.equal(codeOf({ ...presigned(), target }), "accepted");
    assert.equal(
      codeOf({ ...presigned(), target: target.replace("token", "other") }),
      "SignatureDoesNotMatch",
    );

    const sign = createHeaderSigner({ credentials: temporary, region });
    const sent = sign({ method: "PUT", url, payloadSha256: "UNSIGNED-PAYLOAD", signedAt });
    assert.equal(sent["x-amz-security-token"], "token/+=");
    const headers = new Map([...Object.entries(sent), ["host", url.host]]);
    assert.ok(
      verifierAt(0)({ method: "PUT", target: "/bucket/key", headers }).signedHeaders.has(
        "x-amz-security-token",
      ),
    );
  });
});

describe("the payload's hash", () => {
  const hash = "ab".repeat(32);

  it("of a presigned request is what its query or its signed header says", () => {
    const inHeader = presigned({ "x-amz-content-sha256": hash });
    assert.equal(verifierAt(0)(inHeader).payloadSha256, hash);

    const url = new URL(`${origin}/bucket/key?X-Amz-Content-Sha256=${hash}`);
    const inQuery = presign({ method: "PUT", url, expiresInSeconds: 600, signedAt }).slice(origin.length);
    assert.equal(verifierAt(0)({ ...presigned(), target: inQuery }).payloadSha256, hash);
    assert.equal(
      codeOf({
        ...inHeader,
        target: inQuery.replace("SignedHeaders=host", "SignedHeaders=host%3Bx-amz-content-sha256"),
      }),
      "SignatureDoesNotMatch",
    );
  });

  it("is refused where query and header contradict each other", () => {
    const url = new URL(`${origin}/bucket/key?X-Amz-Content-Sha256=UNSIGNED-PAYLOAD`);
    const target = presign({ method: "PUT", url, expiresInSeconds: 600, signedAt }).slice(origin.length);
    const { headers } = presigned({ "x-amz-content-sha256": hash });
    assert.equal(codeOf({ method: "PUT", target, headers }), "AuthorizationQueryParametersError");
  });
});

describe("a verifier", () => {
  it("is not made with limits out of range", () => {
    for (const options of [
      { maxSkewMs: -1 },
      { maxSkewMs: Number.NaN },
      { maxExpiresInSeconds: 0 },
      { maxExpiresInSeconds: 604_801 },
      { maxExpiresInSeconds: Number.NaN },
    ]) {
      assert.throws(() => verifierAt(0, options), RangeError);
    }
  });

  it("lets through what the search for a secret throws", () => {
    const failure = new Error("the key store is away");
    const verify = verifierAt(0, {
      findSecretAccessKey: () => {
        throw failure;
      },
    });
    assert.throws(() => verify(presigned()), failure);
  });

  it("repeats nothing of the request in its messages", () => {
    const marker = "zq7marker";
    const request = presigned();
    const requests: ReceivedRequest[] = [
      { ...request, method: `GET${marker}` },
      { ...request, target: `/${marker} ` },
      ...["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"].map((name) => ({
        ...request,
        target: request.target.replace(new RegExp(`(?<=X-Amz-${name}=)[^&]*`), marker),
      })),
      headerSigned({ authorization: marker }),
      headerSigned({ [`x-amz-${marker}`]: marker }),
    ];
    for (const received of requests) {
      assert.throws(
        () => verifierAt(0)(received),
        (error) => error instanceof SignatureRefusedError && !error.message.includes(marker),
      );
    }
  });
});
