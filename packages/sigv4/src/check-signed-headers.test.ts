import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { codeOf, presigned, verifierAt } from "./signed-requests.test-fixture.ts";

describe("the signed headers", () => {
  it("hold every x-amz-* header of the request, in whatever case it comes", () => {
    for (const name of ["x-amz-acl", "x-amz-meta-a", "x-amz-date", "X-Amz-Acl", "x-amz-content-sha256"]) {
      const request = presigned();
      const headers = new Map([...request.headers, [name, "UNSIGNED-PAYLOAD"]]);
      assert.throws(() => verifierAt(0)({ ...request, headers }), {
        code: "AccessDenied",
        message: "There were headers present in the request which were not signed",
      });
    }
  });

  it("need not hold others, and the caller sees which they hold", () => {
    const request = presigned({ "content-length": "5", "x-amz-acl": "private" });
    const headers = new Map([...request.headers, ["content-type", "text/html"], ["x-amzn-trace-id", "1"]]);
    const verified = verifierAt(0)({ ...request, headers });
    assert.deepEqual(verified.signedHeaders, new Set(["content-length", "host", "x-amz-acl"]));
  });

  it("must be in the request, host among them", () => {
    const request = presigned({ "if-none-match": "*" });
    for (const name of ["if-none-match", "host"]) {
      const headers = new Map(request.headers);
      headers.delete(name);
      assert.equal(codeOf({ ...request, headers }), "SignatureDoesNotMatch");
    }
    const withoutHost = request.target.replace("=host%3Bif-none-match", "=if-none-match");
    assert.equal(codeOf({ ...request, target: withoutHost }), "AuthorizationQueryParametersError");
  });

  it("must be in canonical order, each once, in lower case", () => {
    const request = presigned({ "content-length": "5" });
    for (const names of [
      "host;content-length",
      "content-length;host;host",
      "Content-Length;host",
      ";host",
      "host;",
      "",
      "a b;host",
    ]) {
      const target = request.target.replace("content-length%3Bhost", encodeURIComponent(names));
      assert.notEqual(target, request.target);
      assert.equal(codeOf({ ...request, target }), "AuthorizationQueryParametersError", names);
    }
  });

  it("may differ in the number of spaces alone, which SigV4 does not cover", () => {
    const request = presigned({ "x-amz-meta-a": "one two" });
    const withValue = (value: string) => ({
      ...request,
      headers: new Map([...request.headers, ["x-amz-meta-a", value]]),
    });
    assert.equal(codeOf(withValue("  one \t two ")), "accepted");
    assert.equal(codeOf(withValue("onetwo")), "SignatureDoesNotMatch");
  });
});
