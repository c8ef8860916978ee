import assert from "node:assert/strict";
import { test } from "node:test";
import { storeAddressOf, storeKindOf } from "./rate-limit-store-url.ts";

for (const [text, kind, address] of [
  ["redis://127.0.0.1:6379", "redis", "redis://127.0.0.1:6379"],
  ["rediss://app:secret@cache.example/1", "redis", "rediss://cache.example/1"],
  [
    "postgres://app:secret@db.example:5433/stowage?password=secret",
    "postgres",
    "postgres://db.example:5433/stowage",
  ],
  [
    "postgresql:///stowage?host=/run/postgresql&user=secret",
    "postgres",
    "postgresql:///run/postgresql/stowage",
  ],
] as const)
  test(`${text} is a store, and its address tells no secret`, () => {
    assert.equal(storeKindOf(text), kind);
    assert.equal(storeAddressOf(text), address);
  });

for (const text of [
  "memory",
  "",
  "redis",
  "redis:",
  "redis://",
  "postgres:///stowage",
  "http://127.0.0.1",
  "mysql://h/d",
])
  test(`"${text}" is no store`, () => assert.equal(storeKindOf(text), undefined));
