import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createSqliteMetadataStore } from "@stowage/sql";
import { capturedRun, jsonValues } from "../../cli/testing/captured-run.ts";
import { temporaryFolder } from "../../cli/testing/temporary-folder.ts";
import { fillDataDirectory } from "../../testing/data-directory.ts";
import { startClamd } from "../../testing/start-clamd.ts";
import { databaseFile } from "../data-directory-places.ts";
import { writeRunning } from "../running.ts";

interface Line {
  readonly kind: string;
  readonly [member: string]: unknown;
}

async function rescanJson(dataDir: string, ...args: string[]) {
  const result = await capturedRun(["rescan", "--data", dataDir, "--json", ...args]);
  return { status: result.status, lines: jsonValues<Line>(result), said: result.said };
}

async function stateOf(dataDir: string, fileId: string): Promise<string | undefined> {
  const store = await createSqliteMetadataStore({ file: databaseFile(dataDir) });
  try {
    return (await store.findFile(fileId))?.state;
  } finally {
    await store.close();
  }
}

const profiles = { default: { types: { "image/jpeg": 20_000_000 }, derivatives: [] } };

test("a find after new signatures quarantines one file, and a mistake is put back", async (t) => {
  const dataDir = await temporaryFolder(t);
  await using clamd = await startClamd();
  writeFileSync(
    join(dataDir, "stowage.json"),
    JSON.stringify({ scanner: "clamd", "scanner.address": clamd.address, profiles }),
  );
  const [bad] = await fillDataDirectory(dataDir, async ({ addFile }) => [
    await addFile(Buffer.concat([randomBytes(200_000), Buffer.from("new bad"), randomBytes(1000)])),
    await addFile(randomBytes(1000)),
  ]);
  assert.ok(bad);
  const nothing = await capturedRun(["rescan", "--data", dataDir]);
  assert.deepEqual([nothing.status, nothing.out], [0, ""]);
  assert.match(nothing.said, /Scanned 2 versions \(202\.0 kB\)\.\nNothing was found\./);

  clamd.signatures.set("New.Bad-1", "new bad");
  const of = { fileId: bad.id, ownerId: bad.ownerId, version: 1 };
  const found = { finding: "New.Bad-1", scanner: "ClamAV 1.4.3, signatures of 2026-11-25" };
  const counts = {
    versions: 2,
    bytes: 202_007,
    quarantined: 0,
    stillFound: 0,
    cleanNow: 0,
    released: 0,
    notScanned: 0,
  };
  assert.deepEqual(await rescanJson(dataDir).then(({ status, lines }) => [status, lines]), [
    0,
    [
      { kind: "quarantined", ...of, ...found },
      { kind: "summary", ...counts, quarantined: 1 },
    ],
  ]);
  assert.equal(await stateOf(dataDir, bad.id), "quarantined");
  const again = await capturedRun(["rescan", "--data", dataDir, "--release"]);
  assert.equal(again.status, 0);
  assert.match(again.out, /^found again: file .*, version 1: New\.Bad-1 \(ClamAV 1\.4\.3/);
  assert.equal(await stateOf(dataDir, bad.id), "quarantined");

  clamd.signatures.clear();
  assert.match(
    (await capturedRun(["rescan", "--data", dataDir])).said,
    /1 clean now: --release puts them back\./,
  );
  const { lines } = await rescanJson(dataDir, "--release");
  assert.deepEqual(lines[0], { kind: "clean-now", ...of, released: true });
  assert.equal(await stateOf(dataDir, bad.id), "ready");
});

test("without a scanner it says how to choose one, and one that is away ends it with 1", async (t) => {
  const dataDir = await temporaryFolder(t);
  await fillDataDirectory(dataDir, ({ addFile }) => addFile(randomBytes(10)));
  const none = await capturedRun(["rescan", "--data", dataDir]);
  assert.equal(none.status, 1);
  assert.match(none.said, /Nothing is to be scanned with.*scanner=clamd/);
  const set = ["--set", "scanner=clamd", "--set", "scanner.address=/nonexistent/clamd.sock"];
  const large = await capturedRun(["rescan", "--data", dataDir, ...set]);
  assert.equal(large.status, 2);
  assert.match(large.said, /The profile "default" takes video/);
  const away = await capturedRun([
    "rescan",
    "--data",
    dataDir,
    ...set,
    "--set",
    "scanner.maxSizeBytes=2000000000",
  ]);
  assert.equal(away.status, 1);
  assert.match(away.said, /can't be reached.*run it again/);
});

test("what can't be scanned is told and ends with 3, and the server's scanner is the one that is asked", async (t) => {
  const dataDir = await temporaryFolder(t);
  await using clamd = await startClamd();
  await fillDataDirectory(dataDir, async ({ addFile, remove }) => {
    const lost = await addFile(randomBytes(10));
    await addFile(randomBytes(20));
    await remove(lost.current.key);
  });
  await writeRunning({
    api: "https://photos.example",
    web: "https://photos.example",
    bucket: "https://files.example",
    issuer: "https://photos.example/oidc",
    dataDir,
    scanner: { kind: "clamd", address: clamd.address, maxSizeBytes: 15, timeoutSeconds: 5, connections: 2 },
  });
  const { status, out } = await capturedRun(["rescan", "--data", dataDir]);
  assert.equal(status, 3);
  assert.deepEqual(
    out
      .trimEnd()
      .split("\n")
      .map((line) => line.replace(/^(not scanned): .*: (.*)$/, "$1: $2"))
      .sort(),
    [
      "not scanned: it is larger than the scanner takes",
      "not scanned: its object is missing (stowage reconcile)",
    ],
  );
});
