import type { FileAccess } from "../policy/decide-file-access.ts";

/** Rows about who else may see a file. */
export interface SharingCommands {
  /**
   * What rows say of a principal and of files (at most 200), for `decideFileAccess`; one answer for each id, in any order, whether or not
   * there is such a file. Grants that have run out are among them.
   *
   * @param query.principalId of a person or a guest
   * @param query.albumId of which they have a capability: counts as one of theirs
   */
  findFileAccess(query: {
    readonly principalId: string;
    readonly albumId?: string;
    readonly fileIds: readonly string[];
  }): Promise<readonly ({ readonly fileId: string } & FileAccess)[]>;
}
