import { existsSync } from "node:fs";
import type { DelegationCommands } from "@stowage/core";
import { createSqliteMetadataStore } from "@stowage/sql";
import { databaseFile } from "./data-directory-places.ts";

/**
 * Takes back the tokens that people minted for programs, of a data directory whose server runs or not: by the operator, as sign-ins are ended.
 *
 * @param of whose they are
 * @throws DatabaseTooOldError, DatabaseTooNewError, MetadataUnavailableError
 */
export async function endDelegations(
  dataDir: string,
  of: Parameters<DelegationCommands["revokeDelegations"]>[0]["of"],
): Promise<void> {
  const file = databaseFile(dataDir);
  if (!existsSync(file)) return;
  const metadata = await createSqliteMetadataStore({ file, migrates: false });
  try {
    await metadata.revokeDelegations({ of, actor: "system" });
  } finally {
    await metadata.close();
  }
}
