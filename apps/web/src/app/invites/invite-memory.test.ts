import assert from "node:assert/strict";
import { test } from "node:test";
import { createInviteMemory } from "./invite-memory.ts";

function storageOf(items = new Map<string, string>()) {
  return {
    items,
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
}

const guest = { token: "t", albumId: "a", name: "Cy", expiresAt: "2026-12-31T00:00:00Z" };

test("an invite and its guest are there after a reload of the tab, until they are forgotten", () => {
  const storage = storageOf();
  const memory = createInviteMemory(() => storage);
  assert.equal(memory.read(), undefined);
  memory.keep({ token: "invite", guest });
  const reloaded = createInviteMemory(() => storage);
  assert.deepEqual(reloaded.read(), { token: "invite", guest });
  reloaded.forget();
  assert.equal(reloaded.read(), undefined);
  assert.equal(storage.items.size, 0);
});

test("where the browser keeps nothing it lasts as long as the page", () => {
  const memory = createInviteMemory(() => {
    throw new Error("SecurityError");
  });
  memory.keep({ token: "invite", guest });
  assert.deepEqual(memory.read(), { token: "invite", guest });
  memory.forget();
  assert.equal(memory.read(), undefined);
});

test("what somebody else wrote there is nothing", () => {
  for (const text of ["", "{", "null", "7", "{}", '{"token":1}']) {
    const memory = createInviteMemory(() => storageOf(new Map([["stowage-invite", text]])));
    assert.equal(memory.read(), undefined, text);
  }
});
