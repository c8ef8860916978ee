import assert from "node:assert/strict";
import { test } from "node:test";
import type { FileList } from "@stowage/core";
import fc from "fast-check";
import { ApiError } from "../problems/api-error.ts";
import { createFileListCursors } from "./file-list-cursor.ts";

const cursors = createFileListCursors(new Uint8Array(32).fill(1));

const byTime: FileList = { by: "audience", audience: "o:acme" };
const byName: FileList = { by: "name" };
const ids = fc.uuid();

test("a cursor leads back to its place in its list, also by another server with the key", () => {
  const other = createFileListCursors(new Uint8Array(32).fill(1));
  fc.assert(
    fc.property(
      fc.integer(),
      fc.string().filter((key) => !key.includes("\0")),
      ids,
      (time, name, id) => {
        for (const [list, key] of [
          [byTime, time],
          [byName, name],
        ] as const)
          assert.deepEqual(other.decode(list, cursors.encode(list, { key, id })), { key, id });
      },
    ),
  );
});

test("a cursor shows neither a file's id nor a time, and is never the same twice", () => {
  const position = { key: 1_764_205_000_000, id: "0192d3a4-0000-7000-8000-000000000000" };
  const [one, again] = [cursors.encode(byTime, position), cursors.encode(byTime, position)];
  assert.notEqual(one, again);
  const shown = Buffer.from(one, "base64url").toString("latin1");
  assert.ok(!shown.includes(position.id) && !shown.includes(String(position.key)));
});

test("the cursor of the longest name is one that the API takes", () => {
  const position = { key: "🌈".repeat(64), id: "0192d3a4-0000-7000-8000-000000000000" };
  assert.ok(cursors.encode(byName, position).length <= 512);
});

test("what is no cursor, another list's, another key's, or was changed is refused", () => {
  const cursor = cursors.encode(byTime, { key: 7, id: "a" });
  const refused = (list: FileList, text: string, by = cursors) =>
    assert.throws(
      () => by.decode(list, text),
      (error) => error instanceof ApiError && error.code === "validation-failed",
    );
  refused({ by: "audience", audience: "o:other" }, cursor);
  refused(byTime, cursor, createFileListCursors(new Uint8Array(32).fill(2)));
  refused(byTime, Buffer.from("files/created/\0=1\0a").toString("base64url"));
  fc.assert(fc.property(fc.string(), (text) => refused(byTime, text)));
  fc.assert(
    fc.property(fc.nat({ max: 30 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const bytes = Buffer.from(cursor, "base64url");
      bytes[at] = (bytes[at] ?? 0) ^ change;
      refused(byTime, bytes.toString("base64url"));
    }),
  );
});
