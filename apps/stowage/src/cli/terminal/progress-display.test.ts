import assert from "node:assert/strict";
import { test } from "node:test";
import { createProgressDisplay, progressBar } from "./progress-display.ts";

test("draws below what is printed, and takes the lines away at the end", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let screen = "";
  const display = createProgressDisplay(
    { isTTY: true, columns: 20, write: (text) => (screen += text) },
    (columns) => [`up to ${columns}`, "second"],
  );
  display.refresh();
  display.refresh();
  assert.equal(screen, "");
  t.mock.timers.tick(100);
  assert.equal(screen, "\r\u001b[Jup to 19\nsecond\n");
  screen = "";
  display.print(() => (screen += "result\n"));
  assert.equal(screen, "\u001b[2A\r\u001b[Jresult\n");
  t.mock.timers.tick(0);
  screen = "";
  display.end();
  assert.equal(screen, "\u001b[2A\r\u001b[J");
  t.mock.timers.tick(1000);
  assert.equal(screen, "\u001b[2A\r\u001b[J");
});

test("draws nothing where there is no terminal, and prints all the same", () => {
  const written: string[] = [];
  const display = createProgressDisplay({ write: (text) => written.push(text) }, () => ["never"]);
  display.refresh();
  display.print(() => written.push("result"));
  display.end();
  assert.deepEqual(written, ["result"]);
});

test("fills a bar of exactly the width that it was given", () => {
  assert.equal(progressBar(0, 12), "[          ]");
  assert.equal(progressBar(0.5, 12), "[====>     ]");
  assert.equal(progressBar(1, 12), "[==========]");
  assert.equal(progressBar(7, 12), "[==========]");
});
