import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { settingKeys } from "./settings.ts";

const documentation = readFileSync(new URL("../../../../docs/configuration.md", import.meta.url), "utf8");

test("every setting is in docs/configuration.md, and nothing else is", () => {
  const documented = [...documentation.matchAll(/^\| `([A-Za-z.]+)` \|/gm)].map(([, key]) => key);
  assert.deepEqual(documented.sort(), [...settingKeys].sort());
});
