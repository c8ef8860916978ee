import type { FileRecord } from "../file.ts";
import type { LinkTarget, Principal } from "../policy/principal.ts";
import { findAlbum, type VisibleAlbum } from "./albums/find-album.ts";
import { findVisibleFile } from "./get-file.ts";
import type { ServicePorts } from "./ports.ts";

/**
 * That a principal may decide who else sees this, by links too: a file that they own, or an album of which they are an owner.
 *
 * @throws RefusedError `not-found`, `forbidden`; of a sealed file `sealed` to its owner alone
 */
export async function assertMayShare(
  ports: Pick<ServicePorts, "metadata" | "clock">,
  principal: Principal,
  { kind, id }: LinkTarget,
): Promise<{ readonly file: FileRecord } | VisibleAlbum> {
  if (kind === "album") return findAlbum(ports, principal, "manage", id);
  return { file: await findVisibleFile(ports, principal, "share", id) };
}
