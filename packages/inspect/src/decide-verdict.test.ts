import assert from "node:assert/strict";
import { test } from "node:test";
import { decideVerdict } from "./decide-verdict.ts";

const received = { sizeBytes: 3, sha256: "ab" };

test("of a film whose others' copy was not worked out to the end nothing is said of that: neither that there is one, nor that there is none", () => {
  const video = { durationMs: 1000, width: 320, height: 240 };
  const soFar = { verdict: "accepted", contentType: "video/mp4", video, pictures: [] } as const;
  for (const outcome of [
    { kind: "timed-out", soFar },
    { kind: "out-of-memory", soFar },
    { kind: "crashed", killed: false, soFar },
  ] as const)
    assert.deepEqual(decideVerdict(outcome, received, 30_000), {
      ...{ verdict: "accepted", contentType: "video/mp4", video, derivatives: [] },
      ...received,
    });
});
