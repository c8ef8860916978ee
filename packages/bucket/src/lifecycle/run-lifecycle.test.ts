import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { LogEntry } from "../http/log.ts";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { startTestBucket } from "../testing/test-bucket.ts";
import { waitUntil } from "../testing/wait-until.ts";
import { runLifecycle } from "./run-lifecycle.ts";

const dayMs = 24 * 60 * 60 * 1000;

test("a bucket applies its rules at its start and from time to time, by its own clock", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  let aheadMs = 0;
  const now = (): Date => new Date(Date.now() + aheadMs);
  // Requests are signed by today's clock.
  const first = await startTestBucket(t, { directory });
  await first.put("old/a", "content");
  await first.put("kept/a", "content");
  const begun = await first.signed("POST", "old/b?uploads=");
  assert.equal(begun.status, 200);
  await first.bucket.close();

  aheadMs = 40 * dayMs;
  const lifecycle = [
    { id: "old", prefix: "old/", expirationDays: 30 },
    { prefix: "", abortIncompleteMultipartUploadDays: 30 },
  ];
  const second = await startTestBucket(t, { directory, lifecycle, now, lifecycleEveryMs: 20 });
  await waitUntil(() => second.log.some(({ msg }) => msg === "lifecycle rules applied"), "the first pass");
  const applied = second.log.find(({ msg }) => msg === "lifecycle rules applied");
  assert.deepEqual([applied?.expired, applied?.aborted], [1, 1]);
  await second.bucket.close();
  const third = await startTestBucket(t, { directory });
  assert.equal((await third.get("old/a")).status, 404);
  assert.equal((await third.get("kept/a")).status, 200);
});

test("the rules in force can be looked at, and are configuration", async (t) => {
  const bucket = await startTestBucket(t, {
    lifecycle: [
      { id: "a & b", prefix: "in/", expirationDays: 3 },
      { abortIncompleteMultipartUploadDays: 90 },
    ],
  });
  const answer = await bucket.signed("GET", "?lifecycle=");
  assert.equal(answer.status, 200);
  assert.match(
    answer.body.toString(),
    /<LifecycleConfiguration xmlns="[^"]+"><Rule><ID>a &amp; b<\/ID><Filter><Prefix>in\/<\/Prefix><\/Filter><Status>Enabled<\/Status><Expiration><Days>3<\/Days><\/Expiration><\/Rule><Rule><ID>rule-2<\/ID><Filter><Prefix><\/Prefix><\/Filter><Status>Enabled<\/Status><AbortIncompleteMultipartUpload><DaysAfterInitiation>90<\/DaysAfterInitiation><\/AbortIncompleteMultipartUpload><\/Rule><\/LifecycleConfiguration>$/,
  );
  for (const method of ["PUT", "DELETE"]) {
    const refused = await bucket.signed(method, "?lifecycle=");
    assert.deepEqual([refused.status, refused.code, refused.headers.allow], [405, "MethodNotAllowed", "GET"]);
    assert.match(refused.body.toString(), /configuration/);
  }
  const none = await (await startTestBucket(t)).signed("GET", "?lifecycle=");
  assert.deepEqual([none.status, none.code], [404, "NoSuchLifecycleConfiguration"]);
});

test("passes go on while there is more, a failed one is logged and the next comes, and none after the stop", async () => {
  const log: LogEntry[] = [];
  let passes = 0;
  const running = runLifecycle(
    async () => {
      passes += 1;
      if (passes === 2) throw new Error("as a test wants");
      return { expired: 0, aborted: 0, isMore: false };
    },
    1,
    (entry) => log.push(entry),
  );
  await waitUntil(() => passes >= 4, "passes");
  await running.stop();
  const atStop = passes;
  assert.equal(log.filter(({ level }) => level === "error").length, 1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(passes, atStop);
});
