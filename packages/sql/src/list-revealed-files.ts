import { albumAudience, type ListFiles, type ListRevealed } from "@stowage/core";
import { type AlbumRow, albumOf } from "./album-rows.ts";
import type { CommandContext } from "./commands/context.ts";
import { listFiles } from "./list-files.ts";

/** One snapshot for both: else a list of another moment than that at which nothing was left could be told. */
export function listRevealedFiles(context: CommandContext, query: ListFiles): ListRevealed {
  const { connection } = context;
  connection.run("BEGIN");
  try {
    const row = findUnsealing(context, query);
    return row
      ? { outcome: "unsealing", album: albumOf(row) }
      : { outcome: "listed", files: listFiles(context, query) };
  } finally {
    // An error may have ended it.
    if (connection.inTransaction()) connection.run("COMMIT");
  }
}

/** A revealed album that has something sealed left which belongs to the list. There are seldom such albums at all. */
const findUnsealing = ({ connection }: CommandContext, { ownerId, list }: ListFiles): AlbumRow | undefined =>
  connection.get<AlbumRow>(
    `SELECT * FROM albums INDEXED BY albums_unsealing WHERE revealed_at IS NOT NULL AND is_unsealed = 0 AND revealed_at > 0
       AND EXISTS (SELECT 1 FROM files s INDEXED BY files_sealed_by_album WHERE s.state = 'sealed' AND s.sealed_by = albums.id
         AND ${belongs[list.by === "audience" ? "audience" : "own"]}) ORDER BY revealed_at, id LIMIT 1`,
    list.by === "audience" ? list.audience : ownerId,
  );

const belongs: Readonly<Record<"own" | "audience", string>> = {
  own: "s.owner_id = ?1",
  audience: `(s.audience = ?1 OR '${albumAudience("")}' || s.sealed_by = ?1)`,
};
