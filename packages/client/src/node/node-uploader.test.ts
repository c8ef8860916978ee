import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { startScriptedServer } from "../testing/index.contract.ts";
import { temporaryFolder } from "../testing/temporary-folder.contract.ts";
import { nodeSource } from "./node-source.ts";
import { createNodeUploader } from "./node-uploader.ts";

for (const [how, sizeBytes] of [
  ["whole", 1_000_000],
  ["in parts", 21_000_000],
] as const)
  test(`sends a file from disk ${how} until it is ready`, async (t) => {
    const server = await startScriptedServer();
    t.after(() => server.close());
    const path = join(await temporaryFolder(t), "film.mp4");
    const bytes = randomBytes(sizeBytes);
    await writeFile(path, bytes);
    const client = createNodeUploader({ server: server.url, getToken: async () => "token" });
    const { upload } = await client.upload(await nodeSource(path, { contentType: "video/mp4" }));
    assert.equal(upload.state, "ready");
    assert.ok([...server.store.objects.values()].some((stored) => bytes.equals(stored)));
  });
