// Stands in for the decoding process in tests of sandboxes: does what whoever took one over might, and says what came
// of it. The file's text says what to try.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { DecodeJob } from "./examination.ts";
import { stayUnderParent } from "./stay-under-parent.ts";

stayUnderParent();

const attempts = new Map<string, (argument: string, file: string) => unknown>([
  ["read", (path) => readFileSync(path).length],
  ["list", (path) => readdirSync(path).length],
  ["see", (path) => statSync(path)],
  ["write", (path) => writeFileSync(path, "written")],
  ["overwrite", (_, file) => writeFileSync(file, "other bytes")],
  ["start", (path) => assertRan(spawnSync(path, ["-e", "process.exit(0)"]))],
  ["kill", (processId) => process.kill(Number(processId), 0)],
  ["connect", (port) => connected(Number(port))],
  ["hang", spin],
  ["hoard", hoard],
]);

process.on("message", async ({ path }: DecodeJob) => {
  const [name = "", argument = ""] = readFileSync(path, "utf8").split(" ");
  const attempt = attempts.get(name);
  try {
    await attempt?.(argument, path);
    accept("did");
  } catch (error) {
    accept(`could not: ${error instanceof Error ? error.message : error}`);
  }
});
process.send?.({ kind: "ready" });

function assertRan({ status, error }: ReturnType<typeof spawnSync>): void {
  if (error) throw error;
  if (status !== 0) throw new Error(`it ended by ${status}`);
}

async function connected(port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect(port, "127.0.0.1").on("connect", resolve).on("error", reject);
  await promise.finally(() => socket.destroy());
}

function spin(): never {
  for (let turns = 0; ; turns += 1) Math.sin(turns);
}

/** Faster than anybody looks. */
async function hoard(): Promise<void> {
  const hoarded: Buffer[] = [];
  for (let gigabytes = 0; gigabytes < 8; gigabytes += 1) {
    for (let pieces = 0; pieces < 16; pieces += 1) hoarded.push(Buffer.alloc(64 * 2 ** 20, 1));
    await sleep(0);
  }
}

function accept(contentType: string): void {
  process.send?.({ kind: "examined", examination: { verdict: "accepted", contentType, pictures: [] } });
}
