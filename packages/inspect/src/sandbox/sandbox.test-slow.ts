// What a decoding process that was taken over can do: everything is tried in the sandbox, and outside of one, where
// it must succeed for the attempt to mean anything.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  assertAccepted,
  assertRejected,
  inspectBytes,
  inspectorFor,
  temporaryDirectory,
} from "../inspect-bytes.test-data.ts";
import type { Inspector } from "../inspection.ts";
import { readPeakBytes } from "../resident-memory.ts";
import { createBubblewrap } from "./bubblewrap.ts";
import { chooseSandbox } from "./choose-sandbox.ts";
import { createLimitsOnly, noSandbox } from "./limits-only.ts";
import { childrenOf, lastOfChain } from "./processes.ts";
import type { Sandbox } from "./sandbox.ts";
import { trySandbox } from "./try-sandbox.ts";
import { createUnshare } from "./unshare.ts";

const decodeProcess = new URL("../probing.test-process.ts", import.meta.url);
const home = temporaryDirectory({ after });
const machine = await chooseSandbox("auto", { directory: home, maxMemoryBytes: 2 ** 30 });
const onSandbox = { skip: !machine.sandbox.cutsOff.network && machine.whyNotStronger };

interface Way {
  readonly what: string;
  /** Why it is of no use on this machine. */
  readonly skip: string | false;
  create(directory: string, maxMemoryBytes?: number): Sandbox;
}

/** Every way in which a sandbox can be made here. */
const ways: readonly Way[] = await Promise.all(
  [
    { program: "bubblewrap", make: createBubblewrap },
    { program: "unshare", make: createUnshare },
  ].flatMap(({ program, make }) =>
    (process.getuid?.() === 0 ? [true, false] : [false]).map(async (asNobody): Promise<Way> => {
      const create = (directory: string, maxMemoryBytes = 2 ** 30): Sandbox =>
        make({ directory, maxMemoryBytes, asNobody }) ?? assert.fail(program);
      const directory = temporaryDirectory({ after });
      const missing =
        make({ directory, maxMemoryBytes: 2 ** 30, asNobody }) === undefined && "is not installed";
      const reason = missing || (await trySandbox(create(directory), directory)) || false;
      // With the parts of test:setup one that is missing is a failure.
      const skip = process.env.STOWAGE_TEST_LEVEL !== "full" && reason;
      return { what: `${program}${asNobody ? ", as nobody" : ""}`, skip, create };
    }),
  ),
);

/** The one decoding process that there is. */
function decoderProcess(): number {
  const [started, ...others] = childrenOf(process.pid);
  assert.ok(started !== undefined && others.length === 0);
  return lastOfChain(started);
}

const chainOf = (processId: number): number[] => [processId, ...childrenOf(processId).flatMap(chainOf)];

const isAlive = (processId: number): boolean => existsSync(`/proc/${processId}/stat`);

const patienceMs = 60_000;

async function until(condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  while (!condition()) {
    assert.ok(performance.now() < deadlineMs, `not within ${patienceMs} ms: ${condition}`);
    await sleep(5);
  }
}

async function tried(inspector: Inspector, text: string): Promise<string> {
  const inspection = await inspectBytes(inspector, Buffer.from(text), "text/plain");
  assertAccepted(inspection);
  return inspection.contentType;
}

describe("whoever takes over a decoding process", onSandbox, () => {
  const dataDirectory = join(home, "data");
  const secrets = join(dataDirectory, "secrets.json");
  const temporary = join(dataDirectory, "inspect");
  const listener = createServer((socket) => socket.destroy());
  let connections = 0;
  let port = 0;
  before(async () => {
    mkdirSync(temporary, { recursive: true });
    writeFileSync(secrets, "{}");
    // What a mode alone would keep nobody from.
    for (const path of [home, dataDirectory, secrets]) chmodSync(path, 0o777);
    listener.on("connection", () => {
      connections += 1;
    });
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    const address = listener.address();
    port = typeof address === "object" && address ? address.port : 0;
  });
  after(() => listener.close());

  const attempts: readonly (readonly [string, () => string])[] = [
    ["opens a connection", () => `connect ${port}`],
    ["reads the secrets", () => `read ${secrets}`],
    ["sees what is in the data directory", () => `see ${secrets}`],
    ["reads the machine's users", () => "read /etc/passwd"],
    ...(existsSync(homedir()) ? ([["lists a home", () => `list ${homedir()}`]] as const) : []),
    ["changes the file at hand", () => "overwrite"],
    ["writes among the machine's files", () => `write ${join(home, "written")}`],
    ["writes into /tmp", () => `write /tmp/stowage-written-${process.pid}`],
    ["writes into shared memory", () => `write /dev/shm/stowage-written-${process.pid}`],
    ["starts a program", () => `start ${process.execPath}`],
    ["sees another process", () => `see /proc/${process.pid}`],
    ["reaches another process", () => `kill ${process.pid}`],
  ];
  after(() => {
    for (const folder of ["/tmp", "/dev/shm"])
      rmSync(join(folder, `stowage-written-${process.pid}`), { force: true });
  });

  test("succeeds at each of these outside of a sandbox", async (t) => {
    const inspector = inspectorFor(t, { decodeProcess, sandbox: "none", temporaryDirectory: temporary });
    for (const [what, text] of attempts) assert.equal(await tried(inspector, text()), "did", what);
    assert.equal(connections, 1);
    rmSync(join(home, "written"));
  });

  // Node's permission model refuses most of it as well: what is shown here must hold without it.
  for (const { what: way, skip, create } of ways) {
    test(`fails at each of them in one of ${way}`, { skip }, async (t) => {
      const sandbox = { ...create(temporaryDirectory(t)), hasPermissionModel: false };
      const inspector = inspectorFor(t, { decodeProcess, sandbox, temporaryDirectory: temporary });
      connections = 0;
      for (const [what, text] of attempts) {
        // It takes a filter of system calls to keep a process from that, and the new one is where the old one is.
        if (sandbox.name === "unshare" && what === "starts a program") continue;
        assert.match(await tried(inspector, text()), /^could not: /, what);
      }
      assert.equal(connections, 0);
      assert.equal(existsSync(join(home, "written")), false);
      assert.deepEqual(readdirSync(temporary), ["inspection-decoders"]);
    });

    test(`has no capability and can gain none in one of ${way}`, { skip }, async (t) => {
      const sandbox = create(temporaryDirectory(t));
      await tried(inspectorFor(t, { decodeProcess, sandbox }), "nothing");
      const status = readFileSync(`/proc/${decoderProcess()}/status`, "latin1");
      for (const set of ["Inh", "Prm", "Eff", "Bnd", "Amb"])
        assert.match(status, new RegExp(`^Cap${set}:\\s0+$`, "m"));
      assert.match(status, /^NoNewPrivs:\s1$/m);
      if (sandbox.name === "bubblewrap") assert.match(status, /^Seccomp:\s2$/m);
      if (sandbox.readsAsAnother) assert.match(status, /^Uid:\s65534\s65534\s65534\s65534$/m);
    });
  }

  test("by what it has loaded, not as native code, fails at files and programs where there are only limits", async (t) => {
    const sandbox = createLimitsOnly(2 ** 30);
    const inspector = inspectorFor(t, { decodeProcess, sandbox, temporaryDirectory: temporary });
    for (const [what, text] of attempts) {
      if (/^(sees|reads|lists|changes|writes|starts)/.test(what))
        assert.match(await tried(inspector, text()), /^could not: /, what);
    }
  });
});

for (const { what: way, skip, create } of ways)
  describe(`a decoding process in a sandbox of ${way}`, { skip }, () => {
    test("is the one that is watched and ended, and what started it ends with it", async (t) => {
      const inspector = inspectorFor(t, {
        decodeProcess,
        decodeTimeoutMs: 1500,
        sandbox: create(temporaryDirectory(t)),
      });
      await tried(inspector, "nothing");
      const started = childrenOf(process.pid)[0] ?? assert.fail();
      const decoder = lastOfChain(started);
      assert.notEqual(started, decoder);
      assertRejected(await inspectBytes(inspector, Buffer.from("hang"), "text/plain"), "timeout");
      assert.deepEqual([started, decoder].filter(isAlive), []);
      assert.equal(await tried(inspector, "nothing"), "did");
    });

    test("ends with what started it", async (t) => {
      const inspector = inspectorFor(t, { decodeProcess, sandbox: create(temporaryDirectory(t)) });
      await tried(inspector, "nothing");
      const started = childrenOf(process.pid)[0] ?? assert.fail();
      const decoder = lastOfChain(started);
      process.kill(started, "SIGKILL");
      await until(() => !isAlive(decoder));
      assert.equal(await tried(inspector, "nothing"), "did");
    });

    test("is gone, however busy, when its parent is killed", async (t) => {
      const directory = temporaryDirectory(t);
      const script = `
      const { createInspector } = await import(${JSON.stringify(new URL("../create-inspector.ts", import.meta.url))});
      const { createBubblewrap } = await import(${JSON.stringify(new URL("./bubblewrap.ts", import.meta.url))});
      const { createUnshare } = await import(${JSON.stringify(new URL("./unshare.ts", import.meta.url))});
      const create = ${way.startsWith("unshare") ? "createUnshare" : "createBubblewrap"};
      const inspector = createInspector({
        temporaryDirectory: ${JSON.stringify(directory)},
        decodeProcess: new URL(${JSON.stringify(decodeProcess)}),
        sandbox: create({
          directory: ${JSON.stringify(temporaryDirectory(t))},
          maxMemoryBytes: 2 ** 30,
          asNobody: ${way.endsWith("nobody")},
        }),
      });
      const bytes = Buffer.from("hang");
      await inspector.inspect({
        body: (async function* () { yield bytes; })(), declaredContentType: "text/plain",
        declaredSizeBytes: bytes.length, allowedContentTypes: [], derivatives: [],
      });`;
      const parent = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "ignore" });
      const parentId = parent.pid ?? assert.fail();
      const shown = (): string[] =>
        readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((name) =>
          /decoders\/shown-.*\/file$/.test(name),
        );
      await until(() => shown().length === 1);
      const started = childrenOf(parentId);
      const all = started.flatMap(chainOf);
      assert.equal(all.length, 3);
      const gone = once(parent, "exit");
      parent.kill("SIGKILL");
      await gone;
      await until(() => !all.some(isAlive));
    });

    test("that takes memory faster than anybody looks is stopped before it has filled the machine", async (t) => {
      const maxMemoryBytes = 2 ** 29;
      const inspector = inspectorFor(t, {
        decodeProcess,
        maxMemoryBytes,
        sandbox: create(temporaryDirectory(t), maxMemoryBytes),
      });
      await tried(inspector, "nothing");
      const decoder = decoderProcess();
      let peakBytes = 0;
      const watch = setInterval(() => {
        peakBytes = Math.max(peakBytes, readPeakBytes(decoder) ?? 0);
      }, 5);
      t.after(() => clearInterval(watch));
      assertRejected(await inspectBytes(inspector, Buffer.from("hoard"), "text/plain"), "processing-failed");
      assert.ok(peakBytes > maxMemoryBytes / 2 && peakBytes < maxMemoryBytes + 2 ** 31, String(peakBytes));
      assert.equal(await tried(inspector, "nothing"), "did");
    });
  });

test("a sandbox that does not do what it says is not believed", async (t) => {
  const directory = temporaryDirectory(t);
  const files = { ...noSandbox, cutsOff: { network: false, files: true } };
  assert.match((await trySandbox(files, directory)) ?? "", /does not cut off files/);
  const network = { ...noSandbox, cutsOff: { network: true, files: false } };
  assert.match((await trySandbox(network, directory)) ?? "", /does not cut off the network/);
  const broken = {
    ...noSandbox,
    command: () => ({ file: "/bin/sh", args: ["-c", "echo no such luck >&2; exit 1"] }),
  };
  assert.equal(await trySandbox(broken, directory), "no such luck");
  assert.equal(await trySandbox(noSandbox, directory), undefined);
  assert.deepEqual(readdirSync(directory), []);
});

test("where one is required and there is none, nothing is decoded, and the reason is said", async (t) => {
  const inspector = inspectorFor(t, { decodeProcess, sandbox: "required" });
  if (machine.sandbox.cutsOff.network) assert.equal(await tried(inspector, "nothing"), "did");
  else
    await assert.rejects(tried(inspector, "nothing"), {
      code: "process-unavailable",
      message: /network and files/,
    });
});
