import type { FilePosition } from "../file-lists/file-list.ts";
import { foundPersonTerm } from "../person-terms.ts";
import type { Principal } from "../policy/principal.ts";
import type { PrincipalRecord } from "../principal.ts";
import { type Page, pageOf } from "./page.ts";
import type { ServicePorts } from "./ports.ts";

/** People of one's own organisation, by how a word of their name or e-mail begins. Who is of none finds nobody. */
export async function findPeople(
  { metadata }: Pick<ServicePorts, "metadata">,
  { organisationId, capability }: Principal,
  text: string,
  list: { readonly after?: FilePosition; readonly limit: number },
): Promise<Page<PrincipalRecord, FilePosition>> {
  if (organisationId === undefined || capability) return { items: [] };
  const rows = await metadata.listPeople({ organisationId, text, ...list, limit: list.limit + 1 });
  return pageOf(rows, list.limit, (person: PrincipalRecord) => ({
    key: foundPersonTerm(person, text) ?? "",
    id: person.id,
  }));
}
