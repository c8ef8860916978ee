import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseReturnPath } from "./return-path.ts";

const publicUrl = "https://files.example";
const parse = (text: string | null) => parseReturnPath(text, { publicUrl, exceptBelow: "/session" });

for (const [text, path] of [
  ["/", "/"],
  ["/files/1?x=%2F%2Fevil#a", "/files/1?x=%2F%2Fevil#a"],
  ["/trash", "/trash"],
  ["/a/../b", "/b"],
  ["/sessions", "/sessions"],
  ["/ü", "/%C3%BC"],
  ["/@evil.example", "/@evil.example"],
  ["/?next=https://evil.example", "/?next=https://evil.example"],
] as const)
  test(`goes back to ${text}`, () => assert.equal(parse(text), path));

for (const text of [
  null,
  "",
  "photos",
  "//evil.example",
  "///evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "/%5cevil.example",
  "/%5Cevil.example",
  "/%2fevil.example",
  "/%2F/evil.example",
  "/%255cevil.example",
  "/.//evil.example",
  "/a/..//evil.example",
  "/./%2fevil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  "/\r\nSet-Cookie: a=b",
  "/\0",
  "/a b",
  "/\u2028",
  "/a\u0085b",
  "https://evil.example",
  "https:evil.example",
  "https:/evil.example",
  "https://files.example/trash",
  "javascript:alert(1)",
  "data:text/html,x",
  " /trash",
  "@evil.example",
  ".evil.example",
  "/session",
  "/session/sign-in",
  "/a/../session/callback?code=x",
  "/session?x",
  `/${"a".repeat(512)}`,
  `/${"ü".repeat(200)}`,
])
  test(`goes to / instead of ${JSON.stringify(text)?.slice(0, 60)}`, () => assert.equal(parse(text), "/"));

test("wherever it goes, it is a short path of our own origin, and can stand in a header", () => {
  const pieces = [
    "/",
    "\\",
    ".",
    "..",
    "%2f",
    "%5C",
    "%25",
    "@",
    ":",
    "?",
    "#",
    "\t",
    "evil.example",
    "https:",
    "session",
  ];
  const hostile = fc
    .array(fc.oneof(fc.constantFrom(...pieces), fc.string()))
    .map((parts) => `/${parts.join("")}`);
  fc.assert(
    fc.property(hostile, (text) => {
      const path = parse(text);
      assert.match(path, /^\/(?![/\\])[!-~]*$/);
      assert.ok(path.length <= 512);
      assert.equal(new URL(path, publicUrl).origin, publicUrl);
      assert.equal(new URL(decodeOnce(path), publicUrl).origin, publicUrl);
      assert.equal(parse(path), path);
    }),
    { numRuns: 2000 },
  );
});

/** As a careless proxy would. */
function decodeOnce(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
