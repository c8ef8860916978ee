import { foundTerm, searchTerms } from "./file-lists/search-terms.ts";
import type { PrincipalRecord } from "./principal.ts";

type Person = Pick<PrincipalRecord, "name" | "email">;

const textOf = ({ name = "", email = "" }: Person): string => `${name} ${email}`;

/** What a person is found by: the words of their name and of their e-mail, as files are by those of their names. */
export const personTerms = (person: Person): string[] => searchTerms(textOf(person));

/** The term by which a text finds a person: where they stand in the list of what it finds. */
export const foundPersonTerm = (person: Person, text: string): string | undefined =>
  foundTerm(textOf(person), text);
