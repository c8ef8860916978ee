import { randomBytes } from "node:crypto";
import { type Clock, uuidV7 } from "@stowage/core";
import type { SqliteConnection } from "../sqlite-connection.ts";

/** The id of an organisation, which gets its row with the first of its people. Within a transaction. */
export function ensureOrganisation(
  { connection, clock }: { readonly connection: SqliteConnection; readonly clock: Clock },
  { issuer, name }: { readonly issuer: string; readonly name: string },
): string {
  const known = connection.get<{ id: string }>(
    "SELECT id FROM organisations WHERE issuer = ? AND name = ?",
    issuer,
    name,
  );
  if (known) return known.id;
  const id = uuidV7(clock.nowMs(), randomBytes(10));
  connection.run("INSERT INTO organisations (id, issuer, name) VALUES (?, ?, ?)", id, issuer, name);
  return id;
}
