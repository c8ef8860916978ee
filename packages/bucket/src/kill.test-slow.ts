import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { getContent, openTestStore } from "./testing/stored-content.ts";
import { filesBelow, temporaryDirectory } from "./testing/temporary-directory.ts";
import { clientOf, uploadHeaders } from "./testing/test-bucket.ts";
import { waitUntil } from "./testing/wait-until.ts";

async function startProcess(
  t: TestContext,
  directory: string,
): Promise<{ child: ChildProcess; origin: string }> {
  const child = fork(join(import.meta.dirname, "testing/bucket-process.ts"), [directory], {
    execArgv: ["--conditions=source"],
  });
  t.after(() => child.kill("SIGKILL"));
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  return { child, origin: `http://127.0.0.1:${port}` };
}

const contentOf = (key: string): Buffer => {
  const seed = createHash("sha256").update(key).digest();
  return Buffer.alloc(200_000 + (seed[0] ?? 0) * 4000, seed);
};

test("an acknowledged object is whole after kill -9 at any moment, no other is torn, and nothing else is left", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const acknowledged = new Set<string>();
  const attempted = new Set<string>();
  for (let round = 0; round < 6; round += 1) {
    const { child, origin } = await startProcess(t, directory);
    const client = clientOf(origin);
    let isDead = false;
    const upload = async (): Promise<void> => {
      while (!isDead) {
        const key = `uploads/${randomBytes(16).toString("hex")}`;
        attempted.add(key);
        const body = contentOf(key);
        try {
          const { status } = await client.put(key, body, uploadHeaders(body));
          assert.equal(status, 200);
          acknowledged.add(key);
        } catch (error) {
          if (!child.killed) throw error;
          return;
        }
      }
    };
    const before = acknowledged.size;
    const uploads = Promise.all(Array.from({ length: 6 }, upload));
    await Promise.race([uploads, waitUntil(() => acknowledged.size >= before + 8 + round, "enough uploads")]);
    child.kill("SIGKILL");
    isDead = true;
    await once(child, "exit");
    await uploads;
  }

  const store = await openTestStore(directory);
  assert.deepEqual(filesBelow(join(directory, "incoming")), []);
  for (const key of attempted) {
    const content = await getContent(store, key);
    if (content === undefined) assert.ok(!acknowledged.has(key), `${key} was acknowledged and is lost`);
    else assert.ok(content.equals(contentOf(key)), `${key} is torn`);
  }
  const stored = filesBelow(join(directory, "objects")).length;
  assert.ok(stored >= acknowledged.size && stored <= attempted.size);
});

test("several processes serve one directory, and agree on who was first", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const origins: string[] = [];
  for (let count = 0; count < 2; count += 1) origins.push((await startProcess(t, directory)).origin);
  for (let round = 0; round < 10; round += 1) {
    const bodies = Array.from({ length: 4 }, () => randomBytes(100_000));
    const answers = await Promise.all(
      bodies.map((body, index) =>
        clientOf(origins[index % 2] ?? "").put(`uploads/${round}`, body, uploadHeaders(body)),
      ),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412, 412, 412]);
    const winner = bodies[answers.findIndex(({ status }) => status === 200)];
    for (const origin of origins) {
      const { body } = await clientOf(origin).get(`uploads/${round}`);
      assert.ok(body.equals(winner ?? Buffer.of()));
    }
  }
});
