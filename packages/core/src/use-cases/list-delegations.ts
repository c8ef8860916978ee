import type { DelegationRecord } from "../delegation.ts";
import type { Principal } from "../policy/principal.ts";
import type { ListPosition } from "../ports/metadata-store.ts";
import { type Page, pageOf } from "./page.ts";
import type { ServicePorts } from "./ports.ts";
import { assertPerson } from "./sign-out-everywhere.ts";

/**
 * What the principal delegated and has not ended, newest first.
 *
 * @throws RefusedError `forbidden` of who has no account or comes by such a token
 */
export async function listDelegations(
  { metadata }: Pick<ServicePorts, "metadata">,
  principal: Principal,
  list: { readonly after?: ListPosition; readonly limit: number },
): Promise<Page<DelegationRecord, ListPosition>> {
  assertPerson(principal);
  const rows = await metadata.listDelegations({ personId: principal.id, ...list, limit: list.limit + 1 });
  return pageOf(rows, list.limit, ({ createdAtMs, id }) => ({ createdAtMs, id }));
}
