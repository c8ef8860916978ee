import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { decodeObjectPath, decodeQuery, SignatureRefusedError } from "./index.ts";
import { canonicalPath, canonicalQuery, uriEncode } from "./uri-encoding.ts";

const refused = { name: "SignatureRefusedError", code: "AccessDenied" };
const text = fc.string({ unit: "binary", maxLength: 30 });

describe("the path of a request's target", () => {
  it("is decoded once and not normalised", () => {
    for (const [target, path] of [
      ["/", "/"],
      ["/?", "/"],
      ["/b/a%20b?x=%41", "/b/a b"],
      ["/b/%2541", "/b/%41"],
      ["/b/a+b", "/b/a+b"],
      ["/b/a%2Fb", "/b/a/b"],
      ["//b//../.%2e/./x", "//b//../.././x"],
      ["/b/%00%7F", "/b/\u0000\u007f"],
      ["/b/%EF%BB%BFx", "/b/\ufeffx"],
      ["/b/%C3%A9", "/b/\u00e9"],
      ["/b/e%CC%81", "/b/e\u0301"],
    ] as const) {
      assert.equal(decodeObjectPath(target), path);
    }
  });

  it("is refused where parsers would disagree about it", () => {
    for (const target of [
      "",
      "*",
      "b/k",
      "http://host/b/k",
      "/b/k#x",
      "/b\\k",
      "/b/a b",
      "/b/\t",
      "/b/k\n",
      "/b/é",
      "/b/\u0000",
      '/b/"',
      "/b/<>",
      "/b/%",
      "/b/%4",
      "/b/%zz",
      "/b/%FF",
      "/b/%C0%AF",
      "/b/%ED%A0%80",
      "/b/%F4%90%80%80",
    ]) {
      assert.throws(() => decodeObjectPath(target), refused, JSON.stringify(target));
    }
  });

  it("comes back from its canonical form, so that no two paths share one", () => {
    fc.assert(
      fc.property(text, (tail) => {
        const canonical = canonicalPath(`/${tail}`);
        assert.match(canonical, /^\/(?:[A-Za-z0-9\-._~/]|%[0-9A-F]{2})*$/);
        assert.equal(decodeObjectPath(canonical), `/${tail}`);
      }),
      { numRuns: 500 },
    );
  });
});

describe("AWS's UriEncode", () => {
  it("leaves letters, digits and -._~, and encodes every other byte in capitals", () => {
    for (let code = 0; code < 128; code += 1) {
      const character = String.fromCharCode(code);
      const hex = code.toString(16).toUpperCase().padStart(2, "0");
      assert.equal(uriEncode(character), /[A-Za-z0-9\-._~]/.test(character) ? character : `%${hex}`);
    }
    assert.equal(uriEncode("é😀"), "%C3%A9%F0%9F%98%80");
  });
});

describe("the query of a request's target", () => {
  it("is decoded as URLSearchParams decodes it", () => {
    const rawQuery = fc.string({
      unit: fc.constantFrom(..."ab&=+?", "%20", "%C3%A9", "%26", "%3D", "%25"),
      maxLength: 20,
    });
    fc.assert(
      fc.property(rawQuery, (raw) => {
        const expected = [...new URLSearchParams(`?${raw}`)];
        if (new Set(expected.map(([name]) => name)).size < expected.length) {
          assert.throws(() => decodeQuery(`/b?${raw}`), refused);
        } else {
          assert.deepEqual([...decodeQuery(`/b?${raw}`)], expected);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("comes back from its canonical form, whatever its order", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(text, text), { selector: ([name]) => name, maxLength: 6 }),
        (members) => {
          const canonical = canonicalQuery(new Map(members));
          assert.deepEqual(decodeQuery(`/b?${canonical}`), new Map(members));
          assert.equal(canonicalQuery(new Map(members.toReversed())), canonical);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("sorts by name before value, as a name may be the beginning of another", () => {
    const members = new Map([
      ["a-b", "1"],
      ["a", "2"],
      ["B", "3"],
    ]);
    assert.equal(canonicalQuery(members), "B=3&a=2&a-b=1");
  });

  it("is refused where a name comes twice, in any encoding", () => {
    for (const query of ["a=1&a=1", "a&a", "a=1&%61=2", "a+b=1&a%20b=2", "uploadId=1&x=2&uploadId=3"]) {
      assert.throws(() => decodeQuery(`/b?${query}`), refused, query);
    }
  });

  it("holds names such as __proto__ as any other", () => {
    assert.deepEqual(
      [...decodeQuery("/b?__proto__=1&constructor")],
      [
        ["__proto__", "1"],
        ["constructor", ""],
      ],
    );
  });

  it("throws nothing but SignatureRefusedError for arbitrary text", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          text.map((tail) => `/${tail}`),
          fc.stringMatching(/^\/[%?&=+a-fA-F0-9]*$/),
        ),
        (target) => {
          for (const decode of [decodeObjectPath, decodeQuery]) {
            try {
              decode(target);
            } catch (error) {
              assert.ok(error instanceof SignatureRefusedError);
            }
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
