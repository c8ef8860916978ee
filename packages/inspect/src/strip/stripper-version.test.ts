import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { pinnedPath, pinsOf, stripFolder } from "./stripper-pins.test-data.ts";
import { stripperVersion } from "./stripper-version.ts";

test("the strippers' version stands for their sources as they are", () => {
  const { version, sources } = JSON.parse(readFileSync(pinnedPath, "utf8")) as {
    readonly version: number;
    readonly sources: Readonly<Record<string, string>>;
  };
  const [pinned, now] = [new Map(Object.entries(sources)), pinsOf(stripFolder)];
  const changed = [...new Set([...pinned.keys(), ...now.keys()])].filter(
    (name) => pinned.get(name) !== now.get(name),
  );
  assert.ok(
    version === stripperVersion && changed.length === 0,
    `Strippers have changed since version ${version} was noted: ${changed.join(", ")}. ` +
      "If any file could now lose more than before (a place that stayed until now), run `npm run pin-strippers -- more`: " +
      "it raises the version, so that files that were verified before are looked at again. If none could, " +
      "run `npm run pin-strippers -- same`. After a conflict in stripper-pins.json either will do as well.",
  );
});
