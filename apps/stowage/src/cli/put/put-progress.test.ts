import assert from "node:assert/strict";
import { test } from "node:test";
import type { NodeSource } from "@stowage/client/node";
import { displayWidth } from "../terminal/display-width.ts";
import { createPutProgress } from "./put-progress.ts";

const file = (path: string, sizeBytes: number) => ({ path, sizeBytes }) as NodeSource;
const at = (stage: "hashing" | "sending" | "checking", doneBytes: number, totalBytes: number) => ({
  stage,
  doneBytes,
  totalBytes,
});

test("shows a line for each file that moves, and one for the whole", () => {
  let nowMs = 0;
  const progress = createPutProgress(() => nowMs);
  const [one, two, three] = [file("one.jpg", 1000), file("写真\u001b.jpg", 4000), file("three.jpg", 1000)];
  progress.expect({ files: 3, bytes: 6000 });
  progress.update(one, at("sending", 0, 1000));
  progress.end(one);
  nowMs = 2000;
  progress.update(two, at("sending", 2000, 4000));
  progress.update(three, at("hashing", 100, 1000));
  assert.deepEqual(progress.lines(76), [
    "写真\\x1b.jpg                      [==========>           ]  sending 50 %",
    "three.jpg                         [=>                    ]  reading 10 %",
    "[==========>           ]  1 of 3 files, 3.0 kB of 6.0 kB sent, 1.5 kB/s",
  ]);
  progress.update(two, at("checking", 0, 4000));
  assert.equal(progress.words(), "1 of 3 files, 5.0 kB of 6.0 kB sent, 2.5 kB/s, 1 being checked");
});

test("fits into any terminal", () => {
  const progress = createPutProgress(() => 0);
  for (let index = 0; index < 40; index += 1)
    progress.update(file(`${"long-".repeat(30)}${index}.jpg`, 10), at("sending", 1, 10));
  for (const columns of [1, 10, 40, 80, 200]) {
    const lines = progress.lines(columns);
    assert.equal(lines.length, 9);
    for (const line of lines) assert.ok(displayWidth(line) <= columns, `${columns}: ${line}`);
  }
});
