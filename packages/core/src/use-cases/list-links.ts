import type { LinkRecord } from "../link.ts";
import type { LinkTarget, Principal } from "../policy/principal.ts";
import type { ListPosition } from "../ports/metadata-store.ts";
import { assertMayShare } from "./assert-may-share.ts";
import { type Page, pageOf } from "./page.ts";
import type { ServicePorts } from "./ports.ts";

/**
 * The links to what the principal owns, newest first; those that have ended stay for 30 days.
 *
 * @throws RefusedError as `assertMayShare` does
 */
export async function listLinks(
  ports: Pick<ServicePorts, "metadata" | "clock">,
  principal: Principal,
  target: LinkTarget,
  list: { readonly after?: ListPosition; readonly limit: number },
): Promise<Page<LinkRecord, ListPosition>> {
  await assertMayShare(ports, principal, target);
  const rows = await ports.metadata.listLinks({ target, ...list, limit: list.limit + 1 });
  return pageOf(rows, list.limit, ({ createdAtMs, id }) => ({ createdAtMs, id }));
}
