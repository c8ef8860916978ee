import { createHash, randomBytes, randomUUID } from "node:crypto";
import { globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { contentKey, derivativeKey, type FileRecord } from "@stowage/core";
import { createSqliteMetadataStore } from "@stowage/sql";
import { bucketDirectory, databaseFile } from "../server/data-directory-places.ts";
import { serveBucket } from "../server/data-directory-stores.ts";
import { openSecrets } from "../server/secrets.ts";

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** A data directory with a database and a bucket in it, without a server; and ways to fill it. For tests. */
export async function fillDataDirectory<T>(
  dataDir: string,
  fill: (filling: Filling) => Promise<T>,
  options: { readonly now?: () => Date } = {},
): Promise<T> {
  await using bucket = await serveBucket(dataDir, await openSecrets(dataDir), options);
  const metadata = await createSqliteMetadataStore({ file: databaseFile(dataDir) });
  const { objects } = bucket;
  const put = async (key: string, body: Uint8Array) => {
    await objects.put({ key, body, contentType: "application/octet-stream", sha256: sha256Of(body) });
  };
  try {
    return await fill({
      put,
      remove: (key) => objects.delete(key),
      async replaceInParts(key, parts) {
        await objects.delete(key);
        const storeUploadId = await objects.createMultipartUpload({ key, contentType: "video/mp4" });
        for (const [index, bytes] of parts.entries()) {
          const { url, method, headers } = objects.presignPart({
            key,
            storeUploadId,
            partNumber: index + 1,
            sizeBytes: bytes.byteLength,
            sha256: sha256Of(bytes),
            expiresInSeconds: 60,
            signedAtMs: Date.now(),
          });
          const { status } = await fetch(url, { method, headers, body: Uint8Array.from(bytes) });
          if (status !== 200) throw new Error(`The part was answered ${status}.`);
        }
        const stored = (await objects.listParts({ key, storeUploadId })) ?? [];
        const outcome = await objects.completeMultipartUpload({ key, storeUploadId, parts: stored });
        if (outcome !== "completed") throw new Error(outcome);
      },
      async addFile(bytes, thumbnail = Buffer.from("a thumbnail")) {
        const owner = await metadata.ensurePrincipal({
          issuer: "https://issuer.example",
          subject: "ann",
          newId: randomUUID(),
        });
        const id = randomUUID();
        await metadata.createUploads({
          ownerId: owner.id,
          quotaBytes: 0,
          maxOpenUploads: 0,
          uploadLifetimeMs: 1000,
          urlLifetimeMs: 1000,
          items: [
            {
              id,
              fileId: randomUUID(),
              name: "photo.jpg",
              sizeBytes: bytes.byteLength,
              contentType: "image/jpeg",
              sha256: sha256Of(bytes),
              profile: "default",
              metadata: {},
              landingKey: `uploads/${randomBytes(16).toString("hex")}`,
              storagePrefix: `files/${randomBytes(16).toString("hex")}`,
            },
          ],
        });
        await metadata.completeUpload({ uploadId: id, actor: "system" });
        const upload = await metadata.claimUpload({ leaseMs: 1000 });
        if (upload?.id !== id) throw new Error("Something else was claimed.");
        const key = contentKey(upload, 1);
        const derivative = {
          name: "thumbnail",
          key: derivativeKey(upload, 1, "thumbnail"),
          contentType: "image/webp",
          width: 4,
          height: 3,
          sizeBytes: thumbnail.byteLength,
          sha256: sha256Of(thumbnail),
        };
        await put(key, bytes);
        await put(derivative.key, thumbnail);
        const { contentType, sizeBytes } = upload;
        const sha256 = sha256Of(bytes);
        await metadata.finishUpload({
          uploadId: id,
          attempt: 1,
          result: {
            kind: "ready",
            detail: "",
            facts: { key, sizeBytes, sha256, contentType, derivatives: [derivative] },
          },
          dooms: [],
        });
        const file = await metadata.findFile(upload.fileId);
        if (!file) throw new Error("The file is not there.");
        return file;
      },
    });
  } finally {
    await metadata.close();
  }
}

export interface Filling {
  put(key: string, body: Uint8Array): Promise<void>;
  remove(key: string): Promise<void>;
  /** Puts an object that was sent in parts in the place of another. */
  replaceInParts(key: string, parts: readonly Uint8Array[]): Promise<void>;
  /** A ready file with a thumbnail, of one person. */
  addFile(bytes: Uint8Array, thumbnail?: Uint8Array): Promise<FileRecord>;
}

/** Files of the bucket's objects, or of the parts of objects, that are at least so long. */
export const bucketFiles = (
  dataDir: string,
  minBytes: number,
  below: "objects" | "parts" = "objects",
): string[] =>
  globSync(`${below}/**`, { cwd: bucketDirectory(dataDir) })
    .map((name) => join(bucketDirectory(dataDir), name))
    .filter((path) => {
      const stat = statSync(path);
      return stat.isFile() && stat.size >= minBytes;
    });

/** Flips one bit in the middle of a file. */
export function flipBit(path: string): void {
  const bytes = readFileSync(path);
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}
