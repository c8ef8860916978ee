import assert from "node:assert/strict";
import { test } from "node:test";
import { cookiePlaceOf } from "./cookie-place.ts";

const secure = "Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure";
const plain = "Path=/; Max-Age=60; HttpOnly; SameSite=Strict";

for (const [publicUrl, name, attributes] of [
  ["https://files.example", "__Host-stowage-session", secure],
  ["https://files.example:8443", "__Host-stowage-session-8443", secure],
  ["https://localhost:8420", "__Host-stowage-session-8420", secure],
  ["http://localhost:8420", "stowage-session-8420", plain],
  ["http://127.0.0.1:8420", "stowage-session-8420", plain],
  ["http://localhost", "stowage-session", plain],
  ["http://nas.lan:8420", "stowage-session-8420", plain],
  ["http://192.168.1.2", "stowage-session", plain],
] as const)
  test(`on ${publicUrl} the cookie is ${name}; ${attributes}`, () => {
    const place = cookiePlaceOf(publicUrl);
    assert.equal(place.nameOf("session"), name);
    assert.equal(
      place.setLine({ name, value: "v", sameSite: "Strict", maxAgeSeconds: 60 }),
      `${name}=v; ${attributes}`,
    );
  });
