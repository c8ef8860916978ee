import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openIssuer } from "./index.ts";

function newDirectory(t: TestContext): string {
  const parent = mkdtempSync(join(tmpdir(), "stowage-issuer-"));
  t.after(() => rmSync(parent, { recursive: true }));
  return join(parent, "issuer");
}

/** A process that says "loaded", waits for a line, then runs the body with `openIssuer`, `directory` and `index`. */
function startProcess(t: TestContext, directory: string, index: number, body: string) {
  const module = new URL("./index.ts", import.meta.url).href;
  const source = `
    import { openIssuer } from ${JSON.stringify(module)};
    const directory = ${JSON.stringify(directory)};
    const index = ${index};
    process.stdout.write("loaded\\n");
    process.stdin.once("data", async () => {
      process.stdin.destroy();
      ${body}
    });`;
  const child = spawn(process.execPath, ["--conditions=source", "--input-type=module", "-e", source]);
  t.after(() => child.kill("SIGKILL"));
  let output = "";
  let errorOutput = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errorOutput += text;
  });
  const closed = once(child, "close");
  return {
    loaded: once(child.stdout, "data"),
    go: () => child.stdin.write("go\n"),
    end: async () => {
      const [status] = await closed;
      assert.equal(status, 0, errorOutput);
      return { output: output.replace(/^loaded\n/, ""), errorOutput };
    },
  };
}

test("processes that open one new directory at once agree on its key, and none of their accounts is lost", async (t) => {
  const directory = newDirectory(t);
  const accountsEach = 20;
  const processes = Array.from({ length: 4 }, (_, index) =>
    startProcess(
      t,
      directory,
      index,
      `const issuer = await openIssuer({ directory });
       for (let n = 0; n < ${accountsEach}; n += 1)
         await issuer.addAccount({ email: "p" + index + "n" + n + "@example.com" });
       process.stdout.write(JSON.stringify(issuer.jwks()));
       issuer.close();`,
    ),
  );
  await Promise.all(processes.map(({ loaded }) => loaded));
  for (const { go } of processes) go();
  const ended = await Promise.all(processes.map(({ end }) => end()));

  const issuer = await openIssuer({ directory });
  t.after(() => issuer.close());
  for (const { output } of ended) assert.deepEqual(JSON.parse(output), issuer.jwks());
  assert.equal(issuer.listAccounts().length, processes.length * accountsEach);
  const leftOver = readdirSync(directory).filter(
    (file) => !/^(?:keys\.json|issuer\.sqlite(?:-wal|-shm)?)$/.test(file),
  );
  assert.deepEqual(leftOver, []);
});

test("an account that was told as made is there after the process was killed", async (t) => {
  const directory = newDirectory(t);
  const killed = startProcess(
    t,
    directory,
    0,
    `const issuer = await openIssuer({ directory });
     await issuer.addAccount({ email: "ann@example.com" });
     process.stdout.write("made", () => process.kill(process.pid, "SIGKILL"));`,
  );
  await killed.loaded;
  killed.go();
  await assert.rejects(killed.end());
  const issuer = await openIssuer({ directory });
  t.after(() => issuer.close());
  assert.deepEqual(
    issuer.listAccounts().map(({ email }) => email),
    ["ann@example.com"],
  );
});

test("nothing is printed, and no error repeats a password", async (t) => {
  const password = "seven riverboats at dawn";
  const process = startProcess(
    t,
    newDirectory(t),
    0,
    `const issuer = await openIssuer({ directory });
     const errors = [];
     const email = "ann@example.com", password = ${JSON.stringify(password)};
     await issuer.addAccount({ email, password });
     await issuer.verifyPassword(email, password);
     await issuer.verifyPassword(email, password + "!");
     await issuer.verifyPassword("eve@example.com", password);
     const failing = [
       () => issuer.addAccount({ email, password }),
       () => issuer.addAccount({ email: "bob@example.com", password: password + "\\n" }),
       () => issuer.addAccount({ email: "bob", password }),
       () => issuer.addAccount({ email: "bob@example.com", name: "", password }),
       () => issuer.setPassword("eve@example.com", password),
       () => issuer.setPassword(email, password.repeat(100)),
     ];
     for (const fail of failing)
       await fail().catch((error) => errors.push(error.code + " " + error.message + error.stack));
     issuer.close();
     await issuer.addAccount({ email: "bob@example.com", password }).catch((error) => errors.push(error.stack));
     process.stdout.write("errors: " + JSON.stringify(errors));`,
  );
  await process.loaded;
  process.go();
  const { output, errorOutput } = await process.end();
  assert.ok(output.startsWith("errors: "), output);
  assert.equal(errorOutput.replaceAll(/^.*(?:ExperimentalWarning|--trace-warnings).*\n/gm, ""), "");
  const errors: string[] = JSON.parse(output.slice("errors: ".length));
  assert.equal(errors.length, 7);
  for (const error of errors) assert.ok(!error.includes("riverboats"), error);
});

test("an unknown address takes the time of a known one with a wrong password", async (t) => {
  const issuer = await openIssuer({ directory: newDirectory(t) });
  t.after(() => issuer.close());
  await issuer.addAccount({ email: "ann@example.com", password: "correct horse battery staple" });
  await issuer.addAccount({ email: "bob@example.com" });
  const emails = ["ann@example.com", "bob@example.com", "eve@example.com", "no address"];
  const timesMs = new Map(emails.map((email) => [email, [] as number[]]));
  for (let round = 0; round < 9; round += 1)
    for (const [email, times] of timesMs) {
      const start = performance.now();
      assert.equal(await issuer.verifyPassword(email, "seven riverboats at dawn"), undefined);
      times.push(performance.now() - start);
    }
  const [known = 0, ...others] = Array.from(
    timesMs.values(),
    (times) => times.sort((a, b) => a - b)[times.length >> 1] ?? 0,
  );
  // Without the same work it would be a hundredth; the machine's other work makes up the margin.
  for (const other of others) assert.ok(other > known / 3 && other < known * 3, `${other} ms, ${known} ms`);
});
