import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Fault, startScriptedServer } from "../testing/index.contract.ts";
import { temporaryFolder } from "../testing/temporary-folder.contract.ts";

const isFull = process.env.STOWAGE_TEST_LEVEL === "full";
const sender = fileURLToPath(new URL("./tree-sender.contract.ts", import.meta.url));

interface Size {
  readonly files: number;
  readonly largeFiles: number;
  readonly kills: number;
}

/** Much the same for a hundred files (140 MB) and for thousands (310 MB): Node's heap grows before it is cleaned. */
const peakLimitBytes = 450_000_000;

/** Of thousands of random beginnings some are those of programs, which are not taken. */
const jpegStart = Buffer.from([0xff, 0xd8, 0xff]);
const mp4Start = Buffer.from("\0\0\0\x18ftypmp42", "latin1");

type Sender = ChildProcessByStdio<null, Readable, null>;

async function setUp(t: TestContext, { files, largeFiles }: Size) {
  const folder = await temporaryFolder(t);
  const [tree, queue] = [join(folder, "tree"), join(folder, "queue")];
  await mkdir(tree);
  for (let index = 0; index < files; index += 1)
    await writeFile(join(tree, `${index}.jpg`), Buffer.concat([jpegStart, randomBytes(randomInt(1, 4000))]));
  for (let index = 0; index < largeFiles; index += 1)
    await writeFile(join(tree, `${index}.mp4`), Buffer.concat([mp4Start, randomBytes(21_000_000)]));
  /** Asked at each request. */
  let onRequest = (): Fault | undefined => undefined;
  const server = await startScriptedServer({ fault: () => onRequest() });
  t.after(() => server.close());
  return {
    server,
    begin(listener: (child: Sender) => Fault | undefined): Sender {
      const child = spawn(process.execPath, ["--conditions=source", sender, server.url, tree, queue], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      onRequest = () => listener(child);
      t.after(() => child.kill("SIGKILL"));
      return child;
    },
  };
}

async function endOf(child: Sender): Promise<{ readonly said: string; readonly signal: unknown }> {
  const closed = once(child, "close");
  let said = "";
  for await (const piece of child.stdout.setEncoding("utf8")) said += piece;
  const [, signal] = await closed;
  return { said, signal };
}

async function sendThroughKills(t: TestContext, size: Size) {
  const { server, begin } = await setUp(t, size);
  const all = size.files + size.largeFiles;
  let kills = 0;
  let said = "";
  const begunAtMs = performance.now();
  for (;;) {
    let left = kills < size.kills ? randomInt(1, Math.ceil((all * 1.2) / size.kills)) : -1;
    const child = begin((running) => {
      left -= 1;
      if (left !== 0) return undefined;
      running.kill("SIGKILL");
      return randomInt(2) === 0 ? "commit-then-reset" : "reset";
    });
    // At first while it is adding, before it has asked for anything.
    if (kills < 3)
      child.stdout.once("data", () => {
        setTimeout(() => child.kill("SIGKILL"), randomInt(0, 60));
      });
    const end = await endOf(child);
    said = end.said;
    if (end.signal !== "SIGKILL") break;
    kills += 1;
  }
  const tookS = (performance.now() - begunAtMs) / 1000;
  const { states, left, peakBytes } = JSON.parse(said.trim().split("\n").at(-1) ?? "");
  const puts = server.count("PUT");
  t.diagnostic(
    `${all} files, ${kills} kills, ${tookS.toFixed(1)} s, ${puts} PUTs, at most ${Math.round(peakBytes / 1e6)} MB`,
  );
  return { server, kills, states, left, peakBytes, puts, all };
}

const size: Size = isFull
  ? { files: 3000, largeFiles: 6, kills: 40 }
  : { files: 400, largeFiles: 1, kills: 8 };

/** Of what was on its way at a kill nobody knows whether it arrived. */
const mostInFlight = 17;
const partsOfLarge = 3;

test("brings a folder's files there once each, however often its process is killed", async (t) => {
  const { server, kills, states, left, puts, peakBytes, all } = await sendThroughKills(t, size);
  assert.ok(kills >= size.kills / 2, `${kills} kills`);
  assert.deepEqual(states, ["ready"]);
  assert.equal(left, 0);
  const uploads = [...server.uploads.values()];
  assert.deepEqual([...new Set(uploads.map(({ state }) => state))], ["ready"]);
  assert.equal(uploads.length, all);
  assert.equal(new Set(uploads.map(({ intent }) => intent.name)).size, all);
  assert.equal(server.store.objects.size, all);
  const needed = size.files + size.largeFiles * partsOfLarge;
  assert.ok(puts <= needed + kills * mostInFlight, `${puts} PUTs for ${needed}`);
  assert.ok(peakBytes < peakLimitBytes, `${peakBytes} bytes`);
});
