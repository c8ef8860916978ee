import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import sharp from "sharp";
import type { Answer, SendOptions } from "../harness/api-client.ts";
import { makeJpeg } from "../harness/images.ts";
import { sha256Of } from "../harness/transfer.ts";
import { completeUpload, sendUpload, waitForEnd } from "../harness/upload.ts";
import type { PersonViewer, Viewer } from "./people.ts";
import type { MadeAlbum, MadeFile } from "./rule.ts";

/** A word that is nowhere else. */
export const newWord = (): string => `matrix-${randomBytes(8).toString("hex")}`;

/** A photograph with a place in it, and that word: what others get of it are other bytes. */
export async function makePlacedPhoto(word: string): Promise<Buffer> {
  return sharp(await makeJpeg())
    .withExif({
      IFD0: { ImageDescription: word },
      IFD3: { GPSLatitudeRef: "N", GPSLatitude: "52/1 31/1 12/1" },
    })
    .jpeg()
    .toBuffer();
}

/** Sends a photograph that nobody else may see, but for who is in the album that it is sent to. */
export async function sendFile(owner: PersonViewer, what: string, album?: MadeAlbum): Promise<MadeFile> {
  const [name, value, description] = [newWord(), newWord(), newWord()];
  const bytes = await makePlacedPhoto(description);
  const { id: uploadId, fileId } = await sendUpload(owner.api, bytes, {
    ref: randomUUID(),
    name: `${name}.jpg`,
    contentType: "image/jpeg",
    metadata: { world: "matrix", mark: value },
    ...(album ? { albumId: album.id } : {}),
  });
  await completeUpload(owner.api, uploadId);
  const { state } = await waitForEnd(owner.api, uploadId);
  assert.equal(state, "ready", what);
  return {
    what,
    id: fileId,
    uploadId,
    ownerId: owner.userId,
    organisation: owner.organisation,
    state: album?.isSealed ? "sealed" : "ready",
    visibility: "private",
    grants: [],
    albums: album ? [album] : [],
    name,
    ownersMarks: [value, description, sha256Of(bytes)],
  };
}

/** What must succeed while the world is made. */
export async function must<T>(
  viewer: Viewer,
  method: string,
  path: string,
  options: SendOptions = {},
): Promise<Answer<T>> {
  const answer = await viewer.api.send<T>(method, path, options);
  assert.ok(answer.status < 300, `${method} ${path} by ${viewer.name}: ${answer.status} ${answer.text}`);
  return answer;
}

export const anyRevision: Pick<SendOptions, "headers"> = { headers: { "if-match": "*" } };
