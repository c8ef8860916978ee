import assert from "node:assert/strict";
import { test } from "node:test";
import { type Rendition, stripperVersion } from "@stowage/core";
import { presentFacts } from "./version-facts.ts";

const facts = { key: "", sizeBytes: 9, sha256: "00".repeat(32), contentType: "image/jpeg", derivatives: [] };
const presented = (rendition: Rendition) => presentFacts({ ...facts, rendition }).rendition;

test("what others get is told as the strippers of today say it, and not as older ones did", () => {
  const stripped = { kind: "stripped", sizeBytes: 7, sha256: "ab".repeat(32) } as const;
  for (const version of [undefined, stripperVersion - 1, stripperVersion] as const) {
    const of = (rendition: Rendition) =>
      presented({ ...rendition, ...(version === undefined ? {} : { version }) });
    const isKnown = version === stripperVersion;
    assert.deepEqual(of(stripped), isKnown ? stripped : undefined);
    assert.deepEqual(of({ kind: "original" }), isKnown ? { kind: "original" } : undefined);
  }
  assert.ok(!("rendition" in presentFacts(facts)));
});
