import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { makeTestFolder } from "./database.testing.ts";

const program = fileURLToPath(new URL("./create-together.testing.ts", import.meta.url));

test("fifty people's creates of one turn of the event loop are synced to the disk once", () => {
  const folder = makeTestFolder();
  const log = `${folder.file}.strace`;
  const traced = ["-f", "-y", "-e", "trace=fsync,fdatasync,%file", "-o", log];
  execFileSync("strace", [...traced, process.execPath, "--conditions=source", program, folder.file, "50"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const calls = readFileSync(log, "latin1").split("\n");
  const mark = (name: string): number => calls.findIndex((call) => call.includes(`${folder.file}.${name}"`));
  for (const label of ["first", "second"]) {
    const [from, to] = [mark(`before-${label}`), mark(`after-${label}`)];
    assert.ok(from !== -1 && from < to, "the marks are in the trace");
    const syncs = calls.slice(from, to).filter((call) => /\bf(?:data)?sync\(/.test(call));
    assert.equal(syncs.length, 1, syncs.join("\n"));
    assert.match(syncs[0] ?? "", /metadata\.db-wal/);
  }
  folder.remove();
});
