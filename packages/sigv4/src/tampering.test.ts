// Whatever is changed in a signed request: refused, unless it still says the same thing.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  createHeaderSigner,
  createPresigner,
  createVerifier,
  decodeObjectPath,
  decodeQuery,
  type ReceivedRequest,
  SignatureRefusedError,
} from "./index.ts";
import { canonicalPath, canonicalQuery, uriEncode } from "./uri-encoding.ts";

const secrets = new Map([
  ["AKIDEXAMPLE", "secret one"],
  ["AKIDOTHER", "secret two"],
]);
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret one" };
const region = "local";
const origin = "http://127.0.0.1:9000";
const signedAt = new Date("2026-03-01T12:00:00Z");
const presign = createPresigner({ credentials, region });
const signHeaders = createHeaderSigner({ credentials, region });
const verify = createVerifier({ region, findSecretAccessKey: (id) => secrets.get(id), now: () => signedAt });

interface Sent {
  readonly by: "query" | "header";
  readonly method: string;
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: ReadonlyMap<string, string>;
}

function receive({ method, path, query, headers }: Sent): ReceivedRequest {
  return { method, target: `${canonicalPath(path)}?${canonicalQuery(query)}`, headers };
}

function isRefused(received: ReceivedRequest): boolean {
  try {
    verify(received);
    return false;
  } catch (error) {
    assert.ok(error instanceof SignatureRefusedError, String(error));
    return true;
  }
}

const methods = ["GET", "PUT", "HEAD", "DELETE", "POST"];
const key = fc
  .string({ unit: "binary", minLength: 1, maxLength: 20 })
  .filter((text) => !text.split("/").some((segment) => segment === "." || segment === ".."));
const plainMember = fc.constantFrom(
  "partNumber",
  "uploadId",
  "response-content-type",
  "x-id",
  "a",
  "versionId",
);
const queryText = fc.string({ unit: "grapheme", maxLength: 12 });
const plainQuery = fc.dictionary(plainMember, queryText, { maxKeys: 3, noNullPrototype: true });
const headerValue = fc.string({ unit: "grapheme-ascii", maxLength: 12 });
const plainHeaders = fc.dictionary(
  fc.constantFrom(
    "content-length",
    "content-type",
    "if-none-match",
    "range",
    "x-amz-acl",
    "x-amz-checksum-sha256",
    "x-amz-meta-a",
  ),
  headerValue,
  { maxKeys: 5, noNullPrototype: true },
);

const sent: fc.Arbitrary<Sent> = fc
  .tuple(
    fc.constantFrom("query" as const, "header" as const),
    fc.constantFrom(...methods),
    key,
    plainQuery,
    plainHeaders,
  )
  .map(([by, method, text, members, given]) => {
    const path = `/bucket/${text}`;
    const url = new URL(`${origin}${canonicalPath(path)}?${new URLSearchParams(members)}`);
    const headers = new Map([
      ...Object.entries(given),
      ["host", url.host] as const,
      ["user-agent", "any"] as const,
    ]);
    if (by === "header") {
      const signed = signHeaders({
        method,
        url,
        headers: given,
        payloadSha256: "UNSIGNED-PAYLOAD",
        signedAt,
      });
      for (const [name, value] of Object.entries(signed)) headers.set(name, value);
      return { by, method, path, query: new Map(Object.entries(members)), headers };
    }
    const presigned = presign({ method, url, headers: given, expiresInSeconds: 600, signedAt });
    return { by, method, path, query: decodeQuery(presigned.slice(origin.length)), headers };
  });

/** Compares as SigV4 does: runs of space are one. */
const sameValue = (a: string, b: string): boolean =>
  a
    .split(/[ \t]+/)
    .join(" ")
    .trim() ===
  b
    .split(/[ \t]+/)
    .join(" ")
    .trim();

function replaced(
  map: ReadonlyMap<string, string>,
  name: string,
  value: string | undefined,
): Map<string, string> {
  const copy = new Map(map);
  if (value === undefined) copy.delete(name);
  else copy.set(name, value);
  return copy;
}

/** One change of one thing; undefined where the draw would change nothing. */
type Change = (request: Sent) => Sent | undefined;

function pick(names: readonly string[], at: number): string | undefined {
  return names[at % names.length];
}

const changes: Record<string, fc.Arbitrary<Change>> = {
  "the method": fc
    .constantFrom(...methods, "get", "PATCH")
    .map((method) => (request) => (method === request.method ? undefined : { ...request, method })),
  "the path": fc
    .oneof(
      key.map((text) => `/bucket/${text}`),
      key.map((text) => `/${text}`),
    )
    .map((path) => (request) => (path === request.path ? undefined : { ...request, path })),
  "the end of the path": fc
    .constantFrom("/", " ", "\u0000", "%", ".", "\u0301", "\ufeff", "?")
    .map((tail) => (request) => ({ ...request, path: request.path + tail })),
  "an added query member": fc
    .tuple(
      fc.oneof(plainMember, queryText, fc.constantFrom("acl", "X-Amz-Security-Token", "x-amz-date")),
      queryText,
    )
    .map(
      ([name, value]) =>
        (request) =>
          request.query.has(name) ? undefined : { ...request, query: replaced(request.query, name, value) },
    ),
  "a removed query member": fc.nat().map((at) => (request) => {
    const name = pick([...request.query.keys()], at);
    return name === undefined ? undefined : { ...request, query: replaced(request.query, name, undefined) };
  }),
  "a query member's value": fc.tuple(fc.nat(), queryText).map(([at, value]) => (request) => {
    const name = pick([...request.query.keys()], at);
    if (name === undefined || request.query.get(name) === value) return undefined;
    return { ...request, query: replaced(request.query, name, value) };
  }),
  "a signed header's value": fc
    .tuple(fc.nat(), fc.oneof(headerValue, queryText))
    .map(([at, value]) => (request) => {
      const name = pick(
        [...request.headers.keys()].filter((header) => header !== "user-agent"),
        at,
      );
      if (name === undefined || sameValue(request.headers.get(name) ?? "", value)) return undefined;
      return { ...request, headers: replaced(request.headers, name, value) };
    }),
  "a removed signed header": fc.nat().map((at) => (request) => {
    const name = pick(
      [...request.headers.keys()].filter((header) => header !== "user-agent"),
      at,
    );
    return name === undefined
      ? undefined
      : { ...request, headers: replaced(request.headers, name, undefined) };
  }),
  "an added x-amz-* header": fc
    .tuple(
      fc.constantFrom("x-amz-acl", "x-amz-meta-b", "x-amz-date", "x-amz-copy-source", "X-Amz-Acl"),
      headerValue,
    )
    .map(
      ([name, value]) =>
        (request) =>
          request.headers.has(name)
            ? undefined
            : { ...request, headers: replaced(request.headers, name, value) },
    ),
  "the life": fc
    .integer({ min: 1, max: 604_800 })
    .map(
      (seconds) => (request) =>
        request.by === "header" || seconds === 600
          ? undefined
          : { ...request, query: replaced(request.query, "X-Amz-Expires", String(seconds)) },
    ),
  "the date": fc.integer({ min: -800, max: 800 }).map((offset) => (request) => {
    if (offset === 0) return undefined;
    const moved = new Date(signedAt.getTime() + offset * 1000).toISOString().replace(/[-:]|\.\d+/g, "");
    return request.by === "query"
      ? { ...request, query: replaced(request.query, "X-Amz-Date", moved) }
      : { ...request, headers: replaced(request.headers, "x-amz-date", moved) };
  }),
  "the credential": fc
    .constantFrom(
      ["AKIDEXAMPLE", "AKIDOTHER"],
      ["AKIDEXAMPLE", "AKIDNOBODY"],
      ["20260301", "20260228"],
      ["local", "us-east-1"],
      ["/s3/", "/sts/"],
      ["aws4_request", "aws5_request"],
      ["AKIDEXAMPLE/", "AKIDEXAMPLE/20260301/"],
    )
    .map(([from = "", to = ""]) => (request) => {
      const swap = (text = ""): string => text.replace(from, to);
      return request.by === "query"
        ? {
            ...request,
            query: replaced(request.query, "X-Amz-Credential", swap(request.query.get("X-Amz-Credential"))),
          }
        : {
            ...request,
            headers: replaced(request.headers, "authorization", swap(request.headers.get("authorization"))),
          };
    }),
  "a digit of the signature": fc
    .tuple(fc.integer({ min: 0, max: 63 }), fc.constantFrom(..."0123456789abcdefA"))
    .map(([at, digit]) => (request) => {
      const swap = (text = ""): string => {
        const index = text.length - 64 + at;
        return text.slice(0, index) + digit + text.slice(index + 1);
      };
      const changed =
        request.by === "query"
          ? {
              ...request,
              query: replaced(request.query, "X-Amz-Signature", swap(request.query.get("X-Amz-Signature"))),
            }
          : {
              ...request,
              headers: replaced(request.headers, "authorization", swap(request.headers.get("authorization"))),
            };
      const same =
        changed.query.get("X-Amz-Signature") === request.query.get("X-Amz-Signature") &&
        changed.headers.get("authorization") === request.headers.get("authorization");
      return same ? undefined : changed;
    }),
};

describe("a request that we signed", () => {
  it("is accepted as it was sent", () => {
    fc.assert(
      fc.property(sent, (request) => {
        const verified = verify(receive(request));
        assert.equal(verified.by, request.by);
        assert.equal(verified.accessKeyId, credentials.accessKeyId);
        assert.deepEqual(verified.signedAt, signedAt);
        const unsigned = new Set(["user-agent", "authorization"]);
        const expected = [...request.headers.keys()].filter((name) => !unsigned.has(name)).sort();
        assert.deepEqual([...verified.signedHeaders], expected);
      }),
      { numRuns: 200 },
    );
  });

  it("is accepted in another order and encoding, which name the same path and query", () => {
    const escapes = fc.infiniteStream(fc.boolean());
    fc.assert(
      fc.property(sent, escapes, (request, stream) => {
        const reencode = (text: string): string =>
          [...text]
            .map((character) => {
              const { value: isEscaped } = stream.next();
              const code = character.charCodeAt(0).toString(16);
              return isEscaped && /[A-Za-z0-9]/.test(character) ? `%${code}` : uriEncode(character);
            })
            .join("");
        const members = [...request.query]
          .toReversed()
          .map(([name, value]) => `${reencode(name)}=${reencode(value)}`);
        const target = `/${reencode(request.path.slice(1))}?${members.join("&")}`;
        verify({ ...receive(request), target });
        assert.equal(decodeObjectPath(target), request.path);
        assert.deepEqual(decodeQuery(target), new Map(request.query));
      }),
      { numRuns: 200 },
    );
  });

  for (const [what, change] of Object.entries(changes)) {
    it(`is refused after a change: ${what}`, () => {
      let changedCount = 0;
      fc.assert(
        fc.property(sent, change, (request, apply) => {
          const changed = apply(request);
          if (changed === undefined) return;
          changedCount += 1;
          assert.ok(isRefused(receive(changed)));
        }),
        { numRuns: 150 },
      );
      assert.ok(changedCount > 20, `only ${changedCount} draws changed anything`);
    });
  }

  it("is refused or still means the same after any splice of its target", () => {
    const splice = fc.tuple(
      fc.nat(),
      fc.nat({ max: 3 }),
      fc.oneof(
        fc.string({ unit: "binary", maxLength: 4 }),
        fc.constantFrom("&", "=", "%", "+", "%2F", "/", "?", ";", "&a=b", "%00", "#", "..", "&X-Amz-Date=1"),
      ),
    );
    fc.assert(
      fc.property(sent, splice, (request, [at, removed, inserted]) => {
        const received = receive(request);
        const index = at % (received.target.length + 1);
        const target = received.target.slice(0, index) + inserted + received.target.slice(index + removed);
        if (isRefused({ ...received, target })) return;
        assert.equal(decodeObjectPath(target), request.path);
        assert.deepEqual(decodeQuery(target), new Map(request.query));
      }),
      { numRuns: 1500 },
    );
  });
});
