import { randomBytes, randomUUID } from "node:crypto";
import sharp from "sharp";
import type { Api } from "../harness/api-client.ts";
import { deleteFile } from "../harness/files.ts";
import { makeJpeg } from "../harness/images.ts";
import type { Server } from "../harness/start-server.ts";
import { sha256Of } from "../harness/transfer.ts";
import { createUpload, emptyPromise, uploadToEnd } from "../harness/upload.ts";
import { nobodies, openRegistry, operatorScopes, type PersonViewer, type Viewer } from "./people.ts";
import type { MadeFile } from "./rule.ts";

/** Everything that there is, and everybody who asks for it. */
export interface World {
  readonly viewers: readonly Viewer[];
  readonly files: readonly MadeFile[];
  /** Whose files these are. */
  readonly owner: PersonViewer;
  /** One person more, who has nothing. */
  addPerson(): Promise<PersonViewer>;
}

/** A photograph with a place in it: what others get of it are other bytes. */
export async function makePlacedPhoto(): Promise<Buffer> {
  return sharp(await makeJpeg())
    .withExif({ IFD3: { GPSLatitudeRef: "N", GPSLatitude: "52/1 31/1 12/1" } })
    .jpeg()
    .toBuffer();
}

const word = (): string => `matrix-${randomBytes(8).toString("hex")}`;

/** Sends a photograph whose name, metadata and digest are its marks. */
async function sendFile(api: Api, owner: PersonViewer, what: string): Promise<MadeFile> {
  const bytes = await makePlacedPhoto();
  const [name, value] = [word(), word()];
  const upload = await uploadToEnd(api, bytes, {
    ref: randomUUID(),
    name: `${name}.jpg`,
    contentType: "image/jpeg",
    metadata: { world: "matrix", mark: value },
  });
  if (upload.state !== "ready") throw new Error(`${what} is ${upload.state}`);
  return {
    what,
    id: upload.fileId,
    uploadId: upload.id,
    ownerId: owner.userId,
    organisation: owner.organisation,
    state: "ready",
    visibility: "private",
    grants: [],
    albums: [],
    marks: [name, value, sha256Of(bytes)],
  };
}

export async function makeWorld(server: Server): Promise<World> {
  const addViewer = await openRegistry(server);
  const owner = await addViewer("the owner", { organisation: "Harbour" });
  const send = (what: string) => sendFile(owner.api, owner, what);
  const files: MadeFile[] = [await send("a private file")];

  const trashed = await send("a file in the trash");
  await deleteFile(owner.api, trashed.id);
  files.push({ ...trashed, state: "trashed" });

  const purged = await send("a file that was purged");
  await deleteFile(owner.api, purged.id);
  await deleteFile(owner.api, purged.id, "?permanent=true");
  files.push({ ...purged, state: "none" });

  const mark = word();
  const pending = await createUpload(owner.api, emptyPromise(100, { name: `${mark}.png` }));
  files.push({
    ...trashed,
    what: "a file to be",
    id: pending.fileId,
    uploadId: pending.id,
    state: "none",
    marks: [mark],
  });

  const viewers = [
    owner,
    await addViewer("a colleague", { organisation: "Harbour" }),
    await addViewer("a stranger", { organisation: "Elsewhere" }),
    await addViewer("somebody of no organisation"),
    await addViewer("an operator", { organisation: "Harbour", scope: operatorScopes }),
    await addViewer("a reader", { organisation: "Harbour", scope: "files:read" }),
    ...nobodies(server),
  ];
  return { viewers, files, owner, addPerson: () => addViewer("one more") };
}
