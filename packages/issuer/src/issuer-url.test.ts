import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidIssuerUrlError } from "./errors.ts";
import { parseIssuerUrl } from "./issuer-url.ts";

for (const [issuerUrl, base, path] of [
  ["http://localhost:8420/oidc", "http://localhost:8420/oidc", "/oidc"],
  ["https://files.example.com/oidc/", "https://files.example.com/oidc", "/oidc"],
  ["https://files.example.com", "https://files.example.com", ""],
  ["https://files.example.com/", "https://files.example.com", ""],
  ["https://files.example.com/a/b", "https://files.example.com/a/b", "/a/b"],
] as const)
  test(`${issuerUrl} is an issuer's URL`, () => {
    assert.deepEqual(parseIssuerUrl(issuerUrl), { base, path });
  });

for (const issuerUrl of [
  "",
  "/oidc",
  "localhost:8420/oidc",
  "ftp://example.com/oidc",
  "https://example.com/oidc?",
  "https://example.com/oidc?a=b",
  "https://example.com/oidc#",
  "https://ann:secret@example.com/oidc",
  "https://example.com/oidc\n",
])
  test(`${JSON.stringify(issuerUrl)} is refused as an issuer's URL`, () => {
    assert.throws(() => parseIssuerUrl(issuerUrl), InvalidIssuerUrlError);
  });
