import assert from "node:assert/strict";
import { test } from "node:test";
import type { File, FileVersion } from "@stowage/client";
import { atVersion, stateOf } from "./at-version.ts";

const file: File = {
  id: "1",
  name: "plan.pdf",
  contentType: "application/pdf",
  sizeBytes: 2_000,
  sha256: "b".repeat(64),
  owner: { id: "2" },
  state: "ready",
  visibility: "private",
  version: 2,
  conflicts: 0,
  metadata: {},
  createdAt: "2026-11-01T10:00:00Z",
  pageCount: 3,
  derivatives: [],
  access: { can: [], because: "owner" },
};
const first: FileVersion = {
  version: 1,
  state: "superseded",
  name: "sketch.png",
  contentType: "image/png",
  sizeBytes: 1_000,
  sha256: "a".repeat(64),
  createdAt: "2026-10-01T10:00:00Z",
  uploadId: "3",
  width: 40,
  height: 30,
  derivatives: [],
};

test("a file at a version has that one's content, its own name, and nothing of the current content", () => {
  const then = atVersion(file, first);
  assert.deepEqual(
    [then.id, then.name, then.version, then.contentType, then.width, then.sha256, then.createdAt],
    ["1", "plan.pdf", 1, "image/png", 40, first.sha256, file.createdAt],
  );
  assert.equal("pageCount" in then, false);
});

test("where the file knows more than its history, the file is believed", () => {
  assert.equal(stateOf(file, first), "superseded");
  assert.equal(stateOf({ version: 1 }, first), "current");
  assert.equal(stateOf({ version: 3 }, { ...first, state: "current" }), "superseded");
  assert.equal(stateOf(file, { ...first, state: "conflict" }), "conflict");
});
