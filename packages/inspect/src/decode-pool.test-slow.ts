import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { InspectorOptions } from "./create-inspector.ts";
import {
  assertAccepted,
  assertRejected,
  type CleanedUp,
  copiesOf,
  inspectBytes,
  inspectorFor,
  temporaryDirectory,
} from "./inspect-bytes.test-data.ts";
import type { Inspection, Inspector } from "./inspection.ts";

const decodeProcess = new URL("./misbehaving.test-process.ts", import.meta.url);
const misbehaving = (test: CleanedUp, options: Partial<InspectorOptions> = {}) =>
  // Told to write outside of what any sandbox shows.
  inspectorFor(test, { decodeProcess, sandbox: "none", ...options });
const command = (inspector: Inspector, text: string, signal?: AbortSignal): Promise<Inspection> =>
  inspectBytes(inspector, Buffer.from(text), "text/plain", signal ? { signal } : {});
const directory = temporaryDirectory({ after });
const freshPath = (): string => join(directory, randomUUID());

/** A test that waits for what never comes says so, long before its runner gives it up without a word. */
const patienceMs = 60_000;

async function until(condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  while (!condition()) {
    assert.ok(performance.now() < deadlineMs, `not within ${patienceMs} ms: ${condition}`);
    await sleep(5);
  }
}

const onLinux = { skip: process.platform !== "linux" && "processes are looked up in /proc" };

const statusOf = (processId: number): string | undefined => {
  try {
    return readFileSync(`/proc/${processId}/status`, "latin1");
  } catch {
    return undefined;
  }
};
const parentOf = (processId: number): number =>
  Number(/^PPid:\s+(\d+)$/m.exec(statusOf(processId) ?? "")?.[1]);
// One that ended, and whose parent has not asked about it yet, is in state Z.
const isAlive = (processId: number): boolean => /^State:\s+[^Z]/m.test(statusOf(processId) ?? "");

function ownProcesses(): string[] {
  return readdirSync("/proc").filter((name) => {
    const processId = Number(name);
    return isAlive(processId) && parentOf(processId) === process.pid;
  });
}

async function processOf(inspector: Inspector): Promise<number> {
  const inspection = await command(inspector, "who are you");
  assertAccepted(inspection);
  return Number(inspection.contentType);
}

test("a file with much to read has more time", async (t) => {
  const inspector = misbehaving(t, { decodeTimeoutMs: 1000 });
  assertRejected(await command(inspector, "late 2000 "), "timeout");
  assertAccepted(await command(inspector, `late 2000 ${"x".repeat(128 * 1024 * 1024)}`));
});

test(
  "a file that stalls its process ends in a timeout, and the next file gets another process",
  onLinux,
  async (t) => {
    const inspector = misbehaving(t, { decodeTimeoutMs: 500 });
    const first = await processOf(inspector);
    const inspection = await command(inspector, `hang ${freshPath()}`);
    assertRejected(inspection, "timeout");
    assert.equal(inspection.detail, "The file could not be checked within 0.5 seconds.");
    assert.equal(isAlive(first), false);
    assert.notEqual(await processOf(inspector), first);
    assert.deepEqual(copiesOf(inspector), []);
  },
);

test("the wait for a turn does not count towards the timeout", async (t) => {
  const inspector = misbehaving(t, { decodeTimeoutMs: 600 });
  const [hung, ...others] = await Promise.all([
    command(inspector, `hang ${freshPath()}`),
    command(inspector, "quick one"),
    command(inspector, "quick two"),
  ]);
  assertRejected(hung, "timeout");
  for (const other of others) assertAccepted(other);
});

test("memory that files before it left behind is not held against a file", onLinux, async (t) => {
  const inspector = misbehaving(t, { maxMemoryBytes: 500 * 2 ** 20 });
  const processes = new Set<string>();
  for (let file = 0; file < 3; file += 1) {
    const inspection = await command(inspector, "leave 300");
    assertAccepted(inspection);
    processes.add(inspection.contentType);
  }
  assert.equal(processes.size, 3);
  const inspection = await command(inspector, "hoard");
  assertRejected(inspection, "processing-failed");
});

test("a file that takes too much memory costs its process", {
  skip: process.platform !== "linux" && "resident memory is read from /proc",
}, async (t) => {
  const inspector = misbehaving(t, { maxMemoryBytes: 256 * 2 ** 20 });
  const inspection = await command(inspector, "hoard");
  assertRejected(inspection, "processing-failed");
  assert.match(inspection.detail, /memory/);
  assertAccepted(await command(inspector, "next"));
});

test("a file that crashes its process is refused, without a second try, and the pool lives on", async (t) => {
  const inspector = misbehaving(t);
  for (const crash of ["abort", "exit", "rubbish"]) {
    const inspection = await command(inspector, crash);
    assertRejected(inspection, "processing-failed");
    assert.match(inspection.detail, /ended the program/);
    assertAccepted(await command(inspector, "next"));
  }
});

test("a process killed from outside in the middle of a file is no verdict about it: one more try", async (t) => {
  const inspector = misbehaving(t);
  const second = await command(inspector, `die-once ${freshPath()}`);
  assertAccepted(second);
  assert.equal(second.contentType, "second time");
  assertRejected(await command(inspector, "die"), "processing-failed");
  assertAccepted(await command(inspector, "next"));
});

test("a process killed while it is idle costs no file at all", async (t) => {
  const inspector = misbehaving(t);
  const first = await processOf(inspector);
  process.kill(first, "SIGKILL");
  assert.notEqual(await processOf(inspector), first);
});

test("interrupts that reach the whole group of processes do not end a decoding process", async (t) => {
  const inspection = await command(misbehaving(t), "interrupted");
  assertAccepted(inspection);
  assert.equal(inspection.contentType, "still here");
});

test("a decoding process sees nothing of its parent's environment", async (t) => {
  process.env.STOWAGE_TEST_SECRET = "hunter2";
  t.after(() => delete process.env.STOWAGE_TEST_SECRET);
  const inspection = await command(misbehaving(t), "environment");
  assertAccepted(inspection);
  assert.equal(inspection.contentType, "MALLOC_ARENA_MAX");
});

test("a process makes way for a fresh one after its share of files", async (t) => {
  const inspector = misbehaving(t, { filesPerProcess: 2 });
  const processes = [];
  for (let file = 0; file < 5; file += 1) processes.push(await processOf(inspector));
  const [a, b, c, d, e] = processes;
  assert.ok(a === b && c === d && new Set([a, c, e]).size === 3);
});

test("so many files are examined at a time as there may be processes", async (t) => {
  const inspector = misbehaving(t, { processes: 2 });
  const controller = new AbortController();
  const started = [freshPath(), freshPath(), freshPath()];
  const waiting = started.map((path) =>
    assert.rejects(command(inspector, `wait ${path}`, controller.signal)),
  );
  await until(() => started.filter((path) => existsSync(path)).length === 2);
  assert.equal(started.filter((path) => existsSync(path)).length, 2);
  controller.abort();
  await Promise.all(waiting);
  assertAccepted(await command(inspector, "next"));
});

test("a signal ends the work on a file, and its process", onLinux, async (t) => {
  const inspector = misbehaving(t);
  const controller = new AbortController();
  const path = freshPath();
  const reason = new Error("shutting down");
  const aborted = assert.rejects(command(inspector, `hang ${path}`, controller.signal), {
    name: "InspectionFailedError",
    code: "aborted",
    cause: reason,
  });
  await until(() => existsSync(path) && readFileSync(path).length > 0);
  const hung = Number(readFileSync(path, "utf8"));
  controller.abort(reason);
  await aborted;
  assert.equal(isAlive(hung), false);
  assertAccepted(await command(inspector, "next"));
});

test("closing ends every process, throws to whoever waits, and leaves no file behind", onLinux, async (t) => {
  const inspector = misbehaving(t);
  const path = freshPath();
  const under = assert.rejects(command(inspector, `hang ${path}`), { code: "closed" });
  await until(() => existsSync(path) && readFileSync(path).length > 0);
  // Not before the first has its turn: whichever file is whole first gets it.
  const queued = assert.rejects(command(inspector, "never"), { code: "closed" });
  await until(() => copiesOf(inspector).length === 2);
  await inspector.close();
  assert.equal(isAlive(Number(readFileSync(path, "utf8"))), false);
  await Promise.all([under, queued]);
  assert.deepEqual(copiesOf(inspector), []);
});

test("closing while a process starts leaves none behind", onLinux, async (t) => {
  const inspector = misbehaving(t);
  const before = ownProcesses();
  const early = assert.rejects(command(inspector, "never"), { code: "closed" });
  await until(() => ownProcesses().length > before.length);
  await inspector.close();
  await early;
  assert.deepEqual(ownProcesses(), before);
});

test("a process that can't start throws with the reason, and is tried anew for the next file", async (t) => {
  for (const [program, reason] of [
    ["process.exit(3)", /it ended by 3/],
    ["process.send({ kind: 'unable-to-start', reason: 'no libvips for this machine' })", /no libvips/],
    ["process.send('hello')", /something else/],
  ] as const) {
    const path = `${freshPath()}.mjs`;
    writeFileSync(path, program);
    const inspector = inspectorFor(t, { decodeProcess: pathToFileURL(path), sandbox: "none" });
    const failure = { name: "InspectionFailedError", code: "process-unavailable", message: reason };
    await assert.rejects(command(inspector, "anything"), failure);
    await assert.rejects(command(inspector, "anything else"), failure);
    assert.deepEqual(copiesOf(inspector), []);
  }
});

test("a decoding process dies with its parent, even stuck in an endless loop", {
  skip: process.platform !== "linux" && "processes are looked up in /proc",
}, async (t) => {
  const path = freshPath();
  const script = `
      const { createInspector } = await import(${JSON.stringify(new URL("./create-inspector.ts", import.meta.url))});
      const inspector = createInspector({
        temporaryDirectory: ${JSON.stringify(temporaryDirectory(t))},
        decodeProcess: new URL(${JSON.stringify(decodeProcess)}), sandbox: "none",
      });
      const bytes = Buffer.from(${JSON.stringify(`hang ${path}`)});
      await inspector.inspect({
        body: (async function* () { yield bytes; })(), declaredContentType: "text/plain",
        declaredSizeBytes: bytes.length, allowedContentTypes: [], derivatives: [],
      });`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "ignore" });
  await until(() => existsSync(path) && readFileSync(path).length > 0);
  const child = Number(readFileSync(path, "utf8"));
  assert.ok(isAlive(child));
  const gone = once(parent, "exit");
  parent.kill("SIGKILL");
  await gone;
  await until(() => !isAlive(child));
});

test("an idle inspector that nobody closed does not keep its program running", async (t) => {
  const script = `
    const { createInspector } = await import(${JSON.stringify(new URL("./create-inspector.ts", import.meta.url))});
    const inspector = createInspector({
      temporaryDirectory: ${JSON.stringify(temporaryDirectory(t))},
      decodeProcess: new URL(${JSON.stringify(decodeProcess)}), sandbox: "none",
    });
    const bytes = Buffer.from("hello");
    const { verdict } = await inspector.inspect({
      body: (async function* () { yield bytes; })(), declaredContentType: "text/plain",
      declaredSizeBytes: bytes.length, allowedContentTypes: [], derivatives: [],
    });
    process.exitCode = verdict === "accepted" ? 7 : 1;`;
  const program = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "ignore" });
  assert.deepEqual(await once(program, "exit"), [7, null]);
});
