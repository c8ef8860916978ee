import { deleteFile } from "../harness/files.ts";
import type { Server } from "../harness/start-server.ts";
import { createUpload, emptyPromise } from "../harness/upload.ts";
import {
  linkHolders,
  nobodies,
  openRegistry,
  operatorScopes,
  type PersonViewer,
  type Viewer,
} from "./people.ts";
import type { MadeAlbum, MadeFile } from "./rule.ts";
import { newWord, sendFile } from "./sending.ts";

/** Everything that there is, and everybody who asks for it. */
export interface World {
  readonly viewers: readonly Viewer[];
  readonly files: readonly MadeFile[];
  readonly albums: readonly MadeAlbum[];
  /** Whose files these are. */
  readonly owner: PersonViewer;
  /** One person more, who has nothing. */
  addPerson(): Promise<PersonViewer>;
}

export async function makeWorld(server: Server): Promise<World> {
  const addViewer = await openRegistry(server);
  const owner = await addViewer("the owner", { organisation: "Harbour" });
  const stranger = await addViewer("a stranger", { organisation: "Elsewhere" });
  const send = (what: string) => sendFile(owner, what);

  const files: MadeFile[] = [await send("a private file")];

  const trashed = await send("a file in the trash");
  await deleteFile(owner.api, trashed.id);
  files.push({ ...trashed, state: "trashed" });

  const purged = await send("a purged file");
  await deleteFile(owner.api, purged.id);
  await deleteFile(owner.api, purged.id, "?permanent=true");
  files.push({ ...purged, state: "none" });

  const name = newWord();
  const pending = await createUpload(owner.api, emptyPromise(100, { name: `${name}.png` }));
  const { id: uploadId, fileId: id } = pending;
  files.push({ ...trashed, what: "a file to be", id, uploadId, state: "none", name, ownersMarks: [] });

  const viewers = [
    ...[owner, stranger],
    await addViewer("a colleague", { organisation: "Harbour" }),
    await addViewer("somebody of no organisation"),
    await addViewer("an operator", { organisation: "Harbour", scope: operatorScopes }),
    await addViewer("a reader", { organisation: "Harbour", scope: "files:read" }),
    ...(await linkHolders(owner, files[0]?.id ?? "")),
    ...nobodies(server),
  ];
  return {
    viewers,
    files,
    albums: [],
    owner,
    addPerson: () => addViewer("one more"),
  };
}
