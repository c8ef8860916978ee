import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createHeaderSigner, createPresigner } from "./index.ts";

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "a secret" };
const region = "local";
const signedAt = new Date("2026-03-01T00:00:00Z");
const presign = createPresigner({ credentials, region });
const signHeaders = createHeaderSigner({ credentials, region });

interface Request {
  method?: string;
  url?: string;
  headers?: Record<string, string>;
}

/** Signs one request both ways. */
const signers = [
  ({ method = "PUT", url = "https://store.example/b/k", headers = {} }: Request) =>
    presign({ method, url: new URL(url), headers, expiresInSeconds: 600, signedAt }),
  ({ method = "PUT", url = "https://store.example/b/k", headers = {} }: Request) =>
    signHeaders({ method, url: new URL(url), headers, payloadSha256: "UNSIGNED-PAYLOAD", signedAt }),
];

function assertUnsignable(request: Request): void {
  for (const sign of signers) assert.throws(() => sign(request), TypeError, JSON.stringify(request));
}

describe("signing refuses what could not be sent as it was signed", () => {
  it("a method not in capitals", () => {
    for (const method of ["get", "", "GET\n", "G T"]) assertUnsignable({ method });
  });

  it("a URL of another scheme, with user info, a fragment or a broken escape", () => {
    for (const url of [
      "ftp://store.example/b/k",
      "https://me@store.example/b/k",
      "https://:secret@store.example/b/k",
      "https://store.example/b/k#part",
      "https://store.example/b/%zz",
      "https://store.example/b/%ff",
      "https://store.example/b/k?a=%zz",
    ]) {
      assertUnsignable({ url });
    }
  });

  it("a path that URL parsers would rewrite", () => {
    for (const url of [
      "https://store.example/b/..%2Fk",
      "https://store.example/b/x%2F.",
      "https://store.example/b/%2E%2F",
    ]) {
      assertUnsignable({ url });
    }
    for (const sign of signers) assert.doesNotThrow(() => sign({ url: "https://store.example/b/..k/.k/k." }));
  });

  it("a query with a member twice, or with one of a signature's own", () => {
    for (const query of [
      "a=1&a=2",
      "X-Amz-Signature=1",
      "X-Amz-Date=1",
      "x-amz-expires=1",
      "X-Amz-Security-Token=1",
    ]) {
      assertUnsignable({ url: `https://store.example/b/k?${query}` });
    }
  });

  it("headers that HTTP can't carry alike everywhere, come twice, or are the signer's", () => {
    for (const headers of [
      { "x-amz-meta-a": "é" },
      { "x-amz-meta-a": "a\nb" },
      { "x-amz-meta-a": "\u0000" },
      { "a b": "1" },
      { "a:b": "1" },
      { "": "1" },
      { é: "1" },
      { "Content-Type": "a", "content-type": "b" },
      { Host: "other.example" },
      { authorization: "Bearer x" },
    ]) {
      assertUnsignable({ headers });
    }
  });

  it("payload hashes and dates that mean nothing", () => {
    const url = new URL("https://store.example/b/k");
    for (const payloadSha256 of ["", "unsigned", "AB".repeat(32), "ab".repeat(31), "STREAMING-\n"]) {
      assert.throws(() => signHeaders({ method: "PUT", url, payloadSha256, signedAt }), TypeError);
      const headers = { "x-amz-content-sha256": payloadSha256 };
      assert.throws(() => presign({ method: "PUT", url, headers, expiresInSeconds: 1, signedAt }), TypeError);
    }
    const never = new Date(Number.NaN);
    assert.throws(() => presign({ method: "PUT", url, expiresInSeconds: 1, signedAt: never }), RangeError);
    assert.throws(
      () => signHeaders({ method: "PUT", url, payloadSha256: "UNSIGNED-PAYLOAD", signedAt: never }),
      RangeError,
    );
  });

  it("a life that is not 1 to 604800 whole seconds", () => {
    const url = new URL("https://store.example/b/k");
    for (const expiresInSeconds of [0, -1, 1.5, 604_801, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => presign({ method: "PUT", url, expiresInSeconds, signedAt }), RangeError);
    }
    for (const expiresInSeconds of [1, 604_800]) {
      assert.ok(
        presign({ method: "PUT", url, expiresInSeconds, signedAt }).includes(
          `X-Amz-Expires=${expiresInSeconds}&`,
        ),
      );
    }
  });

  it("credentials that no request could carry, or that anyone could guess", () => {
    for (const wrong of [
      { accessKeyId: "" },
      { accessKeyId: "a/b" },
      { accessKeyId: "a,b" },
      { accessKeyId: "a b" },
      { secretAccessKey: "" },
      { sessionToken: "a\nb" },
    ]) {
      assert.throws(() => createPresigner({ credentials: { ...credentials, ...wrong }, region }), TypeError);
      assert.throws(
        () => createHeaderSigner({ credentials: { ...credentials, ...wrong }, region }),
        TypeError,
      );
    }
  });
});

describe("a presigned URL", () => {
  it("is in canonical encoding, so that no client rewrites it", () => {
    const url = new URL("https://Store.Example:443/b/a|b'(c) d%41~é");
    url.searchParams.set("response-content-disposition", 'attachment; filename="a b+c.txt"');
    const presigned = presign({ method: "GET", url, expiresInSeconds: 60, signedAt });
    assert.equal(new URL(presigned).href, presigned);
    assert.ok(presigned.startsWith("https://store.example/b/a%7Cb%27%28c%29%20dA~%C3%A9?X-Amz-Algorithm="));
    assert.ok(
      presigned.includes("&response-content-disposition=attachment%3B%20filename%3D%22a%20b%2Bc.txt%22&"),
    );
  });

  it("leaves the URL and the headers that it was made from as they were", () => {
    const url = new URL("https://store.example/b/k?a=1");
    const headers = Object.freeze({ "Content-Type": "text/plain" });
    presign({ method: "PUT", url, headers, expiresInSeconds: 60, signedAt });
    signHeaders({ method: "PUT", url, headers, payloadSha256: "UNSIGNED-PAYLOAD", signedAt });
    assert.equal(url.href, "https://store.example/b/k?a=1");
  });
});

describe("signed headers", () => {
  it("are all that must be sent, in lower case, but for host", () => {
    const url = new URL("https://store.example/b/k");
    const headers = { "Content-Type": "text/plain" };
    const sent = signHeaders({ method: "PUT", url, headers, payloadSha256: "UNSIGNED-PAYLOAD", signedAt });
    assert.deepEqual(Object.keys(sent).sort(), [
      "authorization",
      "content-type",
      "x-amz-content-sha256",
      "x-amz-date",
    ]);
    assert.equal(sent["x-amz-date"], "20260301T000000Z");
    assert.match(
      sent.authorization ?? "",
      /SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date,/,
    );
  });

  it("can't be given where the signer sets them", () => {
    const url = new URL("https://store.example/b/k");
    for (const name of ["x-amz-date", "X-Amz-Content-Sha256", "x-amz-security-token"]) {
      assert.throws(
        () =>
          signHeaders({
            method: "PUT",
            url,
            headers: { [name]: "1" },
            payloadSha256: "UNSIGNED-PAYLOAD",
            signedAt,
          }),
        TypeError,
      );
    }
  });
});

describe("signatures of the same second", () => {
  it("differ from those of the next, and come back with their second", () => {
    const url = new URL("https://store.example/b/k");
    const at = (iso: string) =>
      presign({ method: "GET", url, expiresInSeconds: 60, signedAt: new Date(iso) });
    const first = at("2026-03-01T23:59:59.001Z");
    assert.equal(at("2026-03-01T23:59:59.999Z"), first);
    const next = at("2026-03-02T00:00:00Z");
    assert.ok(next.includes("%2F20260302%2F") && next.includes("X-Amz-Date=20260302T000000Z"));
    assert.equal(at("2026-03-01T23:59:59Z"), first);
  });
});
