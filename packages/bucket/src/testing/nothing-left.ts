import assert from "node:assert/strict";
import { join } from "node:path";
import { filesBelow } from "./temporary-directory.ts";
import type { TestBucket } from "./test-bucket.ts";

/** Nothing was stored, and nothing is left of the attempt. */
export const assertNothingLeft = ({ directory }: TestBucket): void =>
  assert.deepEqual(
    [...filesBelow(join(directory, "objects")), ...filesBelow(join(directory, "incoming"))],
    [],
  );
