import type { FilePosition } from "../file-lists/file-list.ts";
import type { PrincipalRecord } from "../principal.ts";

/** Rows about people, as others of their organisation find them. */
export interface PeopleCommands {
  /**
   * People of an organisation whose name or e-mail has a word that begins with the text (`personTerms`), which may go on into the words
   * behind it; each once, in the order of `foundPersonTerm`.
   */
  listPeople(list: {
    readonly organisationId: string;
    readonly text: string;
    /** The term and the id of the last one of the page before. */
    readonly after?: FilePosition;
    /** 1 to 201. */
    readonly limit: number;
  }): Promise<readonly PrincipalRecord[]>;
}
