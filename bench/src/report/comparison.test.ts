import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finish } from "../measures/contestant.ts";
import { comparisonTable, summariseComparison } from "./comparison.ts";

const ours: Finish = {
  client: "Stowage",
  arrived: 10,
  doubled: 0,
  said: 10,
  sentBytes: 1_100_000,
  seconds: 2,
  isHung: false,
  requests: 30,
  faults: { drop: 2, "503": 1 },
};
const peer: Finish = { ...ours, client: "peer", arrived: 9, doubled: 2, isHung: true };
const compare = (first: Finish) =>
  summariseComparison({
    name: "Faults",
    files: 10,
    neededBytes: 1_000_000,
    finishes: [first, peer],
    mostRatio: 1.15,
  });

test("holds where the first brings each file once for few bytes, whatever the others do", () => {
  assert.equal(compare(ours).holds, true);
  for (const worse of [{ arrived: 9 }, { doubled: 1 }, { sentBytes: 1_160_000 }])
    assert.equal(compare({ ...ours, ...worse }).holds, false);
});

test("shows what arrived, what came twice, the bytes, the time, and who would never have ended", () => {
  const table = comparisonTable(compare(ours));
  assert.match(table, /\| Stowage \| 10 of 10 \| 0 \| 10 \| 1\.1 \| 1\.100 \| 2\.0 \| 30 \| 3 \|/);
  assert.match(table, /\| peer \| 9 of 10 \| 2 \| .* \| 2\.0, then it hangs \|/);
  assert.match(table, /≤ 1\.15 × 1\.0 MB: holds/);
});
