import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { type ArchivePorts, makeArchive, type ObjectStore } from "@stowage/core";
import { createMemoryMetadataStore, createMemoryObjectStore } from "@stowage/core/testing";
import { newSha256 } from "../streaming-sha256.ts";
import { zipWriter } from "./zip-writer.ts";

const MiB = 1024 * 1024;
const chunk = new Uint8Array(64 * 1024).fill(7);
/** Of eight that is two gigabytes in all; half of one is far above the bound, too. */
const fileBytes = (process.env.STOWAGE_TEST_LEVEL === "full" ? 256 : 64) * MiB;
const files = 8;

/** Two pieces under way, what the format holds, and what the collector has not got to. */
const mostGrowthBytes = 64 * MiB;

test("gigabytes become an archive in memory that does not grow with them", async () => {
  const clock = { nowMs: () => Date.now() };
  const metadata = createMemoryMetadataStore({ clock });
  const hash = createHash("sha256");
  for (let at = 0; at < fileBytes; at += chunk.byteLength) hash.update(chunk);
  const sha256 = hash.digest("hex");
  const owner = await metadata.ensurePrincipal({ issuer: "i", subject: "s", newId: "owner" });
  for (let each = 0; each < files; each += 1) {
    const item = { name: `film-${each}.mp4`, sizeBytes: fileBytes, contentType: "video/mp4", sha256 };
    const place = { landingKey: `uploads/${each}`, storagePrefix: `files/${each}` };
    const ids = { id: `upload-${each}`, fileId: `file-${each}` };
    await metadata.createUploads({
      ...{ ownerId: owner.id, quotaBytes: 0, maxOpenUploads: 0, uploadLifetimeMs: 1e9, urlLifetimeMs: 1 },
      items: [{ ...ids, ...item, ...place, profile: "default", metadata: {} }],
    });
    await metadata.completeUpload({ uploadId: ids.id, actor: "system" });
    const { attempt } = (await metadata.claimUpload({ leaseMs: 1e6 })) ?? assert.fail();
    const facts = { ...item, key: `files/${each}/1/original`, derivatives: [] };
    await metadata.finishUpload({
      ...{ uploadId: ids.id, attempt, dooms: [] },
      result: { kind: "ready", facts, detail: "" },
    });
  }
  let sentBytes = 0;
  let mostRssBytes = 0;
  const objects: ObjectStore = {
    ...createMemoryObjectStore({ clock }),
    get: async () => ({
      sizeBytes: fileBytes,
      body: (async function* () {
        // A store's chunks are each their own.
        for (let at = 0; at < fileBytes; at += chunk.byteLength) yield Uint8Array.from(chunk);
      })(),
    }),
    createMultipartUpload: async () => "multipart",
    putPart: async ({ body, partNumber, sha256: digest }) => {
      // As long as a store takes.
      await new Promise((resolve) => setImmediate(resolve));
      sentBytes += body.byteLength;
      mostRssBytes = Math.max(mostRssBytes, process.memoryUsage().rss);
      return { partNumber, sizeBytes: body.byteLength, etag: "e", sha256: digest };
    },
    completeMultipartUpload: async () => "completed",
  };
  const ports: ArchivePorts = {
    metadata,
    objects,
    clock,
    archives: zipWriter,
    newSha256,
    maxArchiveBytes: 0,
  };
  const pack = async (fileIds: readonly string[]) => {
    const id = `archive-${fileIds.length}`;
    const request = { kind: "files", fileIds } as const;
    const asked = { id, ownerId: owner.id, request, keyPrefix: `archives/${id}` };
    await metadata.askArchive({ ...asked, lifetimeMs: 1e9, maxPerOwner: 3 });
    const made = await makeArchive(ports, (await metadata.claimArchive({ leaseMs: 1e6 })) ?? assert.fail());
    assert.equal(made.outcome, "made", JSON.stringify(made));
  };
  await pack(["file-0"]);
  const afterOne = mostRssBytes;
  sentBytes = 0;
  await pack(Array.from({ length: files }, (_, index) => `file-${index}`));
  assert.ok(sentBytes > files * fileBytes);
  const grown = mostRssBytes - afterOne;
  assert.ok(grown < mostGrowthBytes, `${Math.round(grown / MiB)} MiB more for ${files} files than for one`);
});
