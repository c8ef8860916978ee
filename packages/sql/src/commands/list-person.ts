import { type PrincipalRecord, personTerms } from "@stowage/core";
import { type PrincipalRow, principalOf } from "../rows.ts";
import type { CommandContext } from "./context.ts";

/**
 * Brings what people of one's organisation find one by up to date with a person's row, which remembers it: the organisation's id, and
 * the terms in `person_terms`, as JSON. Absent of those who have not come since there is such a thing.
 */
export const listPerson = (context: CommandContext, row: PrincipalRow): void =>
  list(context, row, listedOf(principalOf(row)));

/** Of a person who is to be found by nobody any more: nothing of what they were called is left. */
export const unlistPerson = (context: CommandContext, row: Pick<PrincipalRow, "id" | "listed">): void =>
  list(context, row, unlisted);

function list(
  { connection }: CommandContext,
  row: Pick<PrincipalRow, "id" | "listed">,
  listed: string,
): void {
  if (listed === row.listed) return;
  connection.run("UPDATE principals SET listed = ? WHERE id = ?", listed, row.id);
  if (row.listed !== null && row.listed !== unlisted)
    connection.run(
      `DELETE FROM person_terms WHERE organisation_id = json_extract(?1, '$[0]')
         AND term IN (SELECT value FROM json_each(?1, '$[1]')) AND user_id = ?2`,
      row.listed,
      row.id,
    );
  if (listed !== unlisted)
    connection.run(
      `INSERT INTO person_terms (organisation_id, term, user_id)
       SELECT json_extract(?1, '$[0]'), value, ?2 FROM json_each(?1, '$[1]')`,
      listed,
      row.id,
    );
}

const unlisted = "[]";

const listedOf = (person: PrincipalRecord): string =>
  person.organisationId === undefined
    ? unlisted
    : JSON.stringify([person.organisationId, personTerms(person)]);
