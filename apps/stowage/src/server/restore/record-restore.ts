import { createSqliteMetadataStore } from "@stowage/sql";
import { databaseFile } from "../data-directory-places.ts";

/**
 * Says in the audit that from here on the rows are those of a backup: what came after it is not among them, and checkpoints that
 * were written since know more.
 *
 * @param backup.takenAt RFC 3339: the moment that its database shows
 */
export async function recordRestore(
  dataDir: string,
  backup: { readonly name: string; readonly takenAt: string },
): Promise<void> {
  const metadata = await createSqliteMetadataStore({ file: databaseFile(dataDir) });
  try {
    const detail = JSON.stringify({ takenAt: backup.takenAt });
    await metadata.addAuditEvents([
      { actor: "system", action: "data.restored", targetId: backup.name, detail },
    ]);
  } finally {
    await metadata.close();
  }
}
