import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it, type TestContext, test } from "node:test";
import { queueChannelCases } from "../queue/queue-channel.contract.ts";
import { temporaryFolder } from "../testing/temporary-folder.contract.ts";
import { createFileChannel } from "./file-channel.ts";

/** Programs are kept alive by something else than what they hear. */
function stayAlive(t: TestContext): void {
  const timer = setInterval(() => undefined, 1000);
  t.after(() => clearInterval(timer));
}

describe("the channel by a file is a QueueChannel that", () => {
  for (const { name, run } of queueChannelCases)
    it(name, { timeout: 20_000 }, async (t) => {
      stayAlive(t);
      const folder = await temporaryFolder(t);
      await run((channel) => createFileChannel(join(folder, encodeURIComponent(channel))), "queue");
    });
});

const messagesIn = (file: string): unknown[] => {
  const database = new DatabaseSync(file);
  const found = database.prepare("SELECT message FROM messages").all();
  database.close();
  return found;
};

test("writes nothing while nobody else is there, and forgets what all have heard", {
  timeout: 20_000,
}, async (t) => {
  stayAlive(t);
  const file = join(await temporaryFolder(t), "channel");
  const one = createFileChannel(file);
  one.post("alone");
  assert.deepEqual(messagesIn(file), []);
  const other = createFileChannel(file);
  for (const message of ["first", "second"]) {
    const heard = new Promise((resolve) => {
      const stop = other.listen((said) => {
        stop();
        resolve(said);
      });
    });
    one.post(message);
    assert.equal(await heard, message);
  }
  one.post("third");
  assert.deepEqual(messagesIn(file).length, 1);
  other.close();
  one.post("alone again");
  assert.equal(messagesIn(file).length, 1);
  one.close();
});

test("waits for no process that was killed", { timeout: 20_000 }, async (t) => {
  const file = join(await temporaryFolder(t), "channel");
  const script = `
    const { createFileChannel } = await import(${JSON.stringify(import.meta.resolve("./file-channel.ts"))});
    const channel = createFileChannel(${JSON.stringify(file)});
    channel.listen(() => undefined);
    console.log("listens");
    setInterval(() => channel, 1000);`;
  const child = spawn(process.execPath, ["--conditions=source", "--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  const one = createFileChannel(file);
  t.after(() => one.close());
  child.kill("SIGKILL");
  await once(child, "exit");
  one.post("to nobody");
  assert.deepEqual(messagesIn(file), []);
});

test("says what it could not while the file was held, in order, once it is let go", {
  timeout: 20_000,
}, async (t) => {
  stayAlive(t);
  const file = join(await temporaryFolder(t), "channel");
  const [one, other] = [createFileChannel<string>(file), createFileChannel<string>(file)];
  const holder = new DatabaseSync(file);
  t.after(() => {
    for (const open of [one, other, holder]) open.close();
  });
  const heard: string[] = [];
  const all = new Promise<void>((resolve) => {
    other.listen((message) => {
      heard.push(message);
      if (heard.length === 3) resolve();
    });
  });
  one.listen(() => undefined);
  holder.exec("BEGIN IMMEDIATE");
  one.post("first");
  one.post("second");
  holder.exec("COMMIT");
  one.post("third");
  await all;
  assert.deepEqual(heard, ["first", "second", "third"]);
});
