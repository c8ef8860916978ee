import assert from "node:assert/strict";
import http from "node:http";
import { test } from "node:test";
import { encodeForm, formTarget, range, signForm } from "../testing/signed-form.ts";
import { startTestBucket } from "../testing/test-bucket.ts";

test("memory stays flat while a large form streams through", async (t) => {
  const bucket = await startTestBucket(t);
  const fields = signForm({ conditions: [range(0, 1e9)] });
  const { headers, body } = await encodeForm(fields, Buffer.alloc(1));
  const marker = body.lastIndexOf("\r\n--") - 1;
  const sizeBytes = 192 * 1024 * 1024;
  const chunk = Buffer.alloc(1024 * 1024, 7);
  const before = process.memoryUsage().rss;
  let highest = 0;
  const watch = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage().rss);
  }, 5);
  const status = await new Promise<number>((resolve, reject) => {
    const request = http.request(
      {
        host: "127.0.0.1",
        port: bucket.port,
        method: "POST",
        path: formTarget,
        agent: false,
        headers: { ...headers, "content-length": body.length - 1 + sizeBytes },
      },
      (response) => {
        response.resume();
        response.on("end", () => resolve(response.statusCode ?? 0));
      },
    );
    request.on("error", reject);
    request.write(body.subarray(0, marker));
    let left = sizeBytes / chunk.length;
    const more = (): void => {
      while (left > 0) {
        left -= 1;
        if (!request.write(chunk)) {
          request.once("drain", more);
          return;
        }
      }
      request.end(body.subarray(marker + 1));
    };
    more();
  });
  clearInterval(watch);
  assert.equal(status, 204);
  assert.ok(highest - before < sizeBytes / 2, `${highest - before} bytes more`);
  assert.equal(
    (await bucket.send("HEAD", bucket.presign("HEAD", "k"))).headers["content-length"],
    String(sizeBytes),
  );
});
