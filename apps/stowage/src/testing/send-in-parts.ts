import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { inflateSync } from "node:zlib";
import type { MintUrlsResponse, PartList, Upload } from "@stowage/protocol";
import { askPatiently, createOne, intentOf, send, sha256Of, until } from "./machine-client.ts";

/** Two parts of 8 MiB and the rest. */
const videoBytes = 9_000_000;

/** The box of a movie of one track, ten seconds that show nothing (ISO/IEC 14496-12 section 8), deflated. */
const movie = inflateSync(
  Buffer.from(
    "eNpjYGD8nJufX8bAwJCTW5aRwoACmF8wMKgLMDAygBACMKKqQuc7MOAFTEAN9SVFidlAdkxJNthOZkzTgPYy4LcHm7" +
      "1MDUDhDLCkdG5KZiKQoZCbgt1foUfAHMWMlJwimExZZkoqurWXcjPz0oD0qeKSpBwgnVZcUpyC5ISw3AKTMhxOBDoI" +
      "6BwPIMMDlwoMIPH/P4gsLikpRtLDBXE2gwzQ9mQkcagcmBYBylVB5VKg4kCx5Hwk9TIAqrgqjg==",
    "base64",
  ),
);

/** An MP4: its brands (ISO/IEC 14496-12 section 4.3), a movie, then noise. */
export function makeVideo(): Buffer {
  const brands = Buffer.from("\0\0\0\x1cftypisom\0\0\x02\0isomiso2mp41", "latin1");
  const media = Buffer.alloc(8);
  media.writeUInt32BE(videoBytes - brands.length - movie.length);
  media.write("mdat", 4, "latin1");
  return Buffer.concat([
    brands,
    movie,
    media,
    randomBytes(videoBytes - brands.length - movie.length - media.length),
  ]);
}

/** Announces a video, sends it in parts as a good client does, and completes it; the upload's id. */
export async function uploadInParts(origin: string, token: string, bytes: Uint8Array): Promise<Upload> {
  const intent = { ...intentOf(bytes), name: "film.mp4", contentType: "video/mp4" };
  const { upload } = await createOne(origin, token, intent);
  assert.ok(upload);
  const path = `/v1/uploads/${upload.id}`;
  const mint = (json: unknown) =>
    askPatiently<MintUrlsResponse>(origin, token, "POST", `${path}/urls`, { json });
  const turned = await mint({ as: "multipart" });
  assert.equal(turned.status, 200, JSON.stringify(turned.body));
  const now = turned.body.upload;
  assert.ok("ref" in now);
  const { transfer } = now;
  assert.ok(transfer?.kind === "multipart");
  const { partSizeBytes, partCount } = transfer;
  await until("all parts to be there", async () => {
    const there = await askPatiently<PartList>(origin, token, "GET", `${path}/parts`);
    assert.equal(there.status, 200);
    const known = new Set(there.body.items.map(({ partNumber }) => partNumber));
    if (known.size === partCount) return true;
    for (let partNumber = 1; partNumber <= partCount; partNumber += 1) {
      if (known.has(partNumber)) continue;
      const part = bytes.subarray((partNumber - 1) * partSizeBytes, partNumber * partSizeBytes);
      const minted = await mint({ parts: [{ partNumber, sha256: sha256Of(part) }] });
      assert.equal(minted.status, 200, JSON.stringify(minted.body));
      const [request] = minted.body.requests ?? [];
      if (request) assert.equal(await send(request, part), 200);
    }
    return false;
  });
  const completed = await askPatiently<{ readonly upload: Upload }>(
    origin,
    token,
    "POST",
    `${path}/complete`,
  );
  assert.equal(completed.status, 202, JSON.stringify(completed.body));
  return completed.body.upload;
}
