import type { FileRecord } from "../../file.ts";
import type { ListFiles } from "../../ports/metadata-store.ts";
import type { ServicePorts } from "../ports.ts";
import { unsealAlbum } from "./unseal-files.ts";

/**
 * Files of a list, of one moment at which each album is in it as a whole or not at all: what a reveal has not come to yet is unsealed first, by whoever looks.
 */
export async function listRevealed(
  ports: Pick<ServicePorts, "metadata">,
  query: ListFiles,
): Promise<readonly FileRecord[]> {
  for (;;) {
    const result = await ports.metadata.listRevealedFiles(query);
    if (result.outcome === "listed") return result.files;
    await unsealAlbum(ports, result.album);
  }
}
