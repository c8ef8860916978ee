import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { test } from "node:test";
import { startBucketProcess } from "./testing/start-bucket-process.ts";
import { getContent, openTestStore } from "./testing/stored-content.ts";
import { filesBelow, temporaryDirectory } from "./testing/temporary-directory.ts";
import { clientOf, uploadHeaders } from "./testing/test-bucket.ts";
import { waitUntil } from "./testing/wait-until.ts";

const contentOf = (key: string): Buffer => {
  const seed = createHash("sha256").update(key).digest();
  return Buffer.alloc(200_000 + (seed[0] ?? 0) * 4000, seed);
};

test("an acknowledged object is whole after kill -9 at any moment, no other is torn, and nothing else is left", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const acknowledged = new Set<string>();
  const attempted = new Set<string>();
  for (let round = 0; round < 6; round += 1) {
    const { kill, origin } = await startBucketProcess(t, directory);
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
          if (!isDead) throw error;
          return;
        }
      }
    };
    const before = acknowledged.size;
    const uploads = Promise.all(Array.from({ length: 6 }, upload));
    await Promise.race([uploads, waitUntil(() => acknowledged.size >= before + 8 + round, "enough uploads")]);
    isDead = true;
    await kill();
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
  for (let count = 0; count < 2; count += 1) origins.push((await startBucketProcess(t, directory)).origin);
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
