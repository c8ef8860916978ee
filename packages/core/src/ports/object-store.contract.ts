import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { callCases } from "./object-store-calls.contract.ts";
import type { ObjectStoreCase, ObjectStoreUnderTest, Scene } from "./object-store-case.contract.ts";
import { multipartCases } from "./object-store-multipart.contract.ts";
import { presignedCases } from "./object-store-presigned.contract.ts";

export type { ObjectStoreUnderTest } from "./object-store-case.contract.ts";

/** Cases that a store can't pass, by name, and why. */
export interface SkippedCases {
  readonly reason: string;
  readonly tests: readonly string[];
}

const cases: readonly ObjectStoreCase[] = [...callCases, ...presignedCases, ...multipartCases];

function absent(part: string): () => never {
  return () => {
    throw new Error(`the store under test has no ${part}`);
  };
}

/**
 * Holds an adapter to the port's promises, as one suite of `node:test`. A case that needs a capability fails
 * where the store does not declare it, unless the case is skipped by name and with a reason.
 *
 * @param create called once, before the first case; what it answers is closed after the last
 * @throws Error where a skipped name is no case's
 */
export function describeObjectStore(
  name: string,
  create: () => Promise<ObjectStoreUnderTest>,
  options: { readonly skip?: readonly SkippedCases[] } = {},
): void {
  const reasons = new Map<string, string>();
  for (const { reason, tests } of options.skip ?? [])
    for (const test of tests) {
      if (!cases.some((each) => each.name === test)) throw new Error(`no case is named "${test}"`);
      reasons.set(test, reason);
    }

  describe(`${name} is an ObjectStore that`, () => {
    let underTest: ObjectStoreUnderTest | undefined;
    let advancedMs = 0;
    before(async () => {
      underTest = await create();
    });
    after(async () => underTest?.close());

    for (const { name: caseName, uses = [], needs, run } of cases) {
      it(caseName, { skip: reasons.get(caseName) ?? false }, async (t) => {
        assert.ok(underTest);
        const { store, send, fetchBytes, advance } = underTest;
        const missing = uses.find((part) => underTest?.[part] === undefined);
        if (missing !== undefined) return t.skip(`this store is tested without ${missing}`);
        if (needs !== undefined) assert.ok(store.capabilities[needs], `it does not declare ${needs}`);
        const prefix = `contract/${randomBytes(8).toString("hex")}`;
        let keys = 0;
        const scene: Scene = {
          store,
          send: send?.bind(underTest) ?? absent("send"),
          fetchBytes: fetchBytes?.bind(underTest) ?? absent("fetchBytes"),
          async advance(ms) {
            await (advance?.bind(underTest) ?? absent("advance"))(ms);
            advancedMs += ms;
          },
          nowMs: () => Date.now() + advancedMs,
          newKey: () => `${prefix}/${keys++}`,
        };
        return run(scene);
      });
    }
  });
}
