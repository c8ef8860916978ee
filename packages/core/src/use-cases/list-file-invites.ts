import type { Principal } from "../policy/principal.ts";
import type { FileInviteRecord } from "../ports/invite-commands.ts";
import { notFound, RefusedError } from "../refusal.ts";
import { findOwnFile, findVisibleFile } from "./get-file.ts";
import { type Page, pageOf } from "./page.ts";
import type { ServicePorts } from "./ports.ts";

type Ports = Pick<ServicePorts, "metadata" | "clock">;

/**
 * The invites to a file that wait to be accepted, for its owner, the first one first; a page may be short where some have run out.
 *
 * @param list.after the id of the last one of the page before
 * @throws RefusedError `not-found`, `forbidden`
 */
export async function listFileInvites(
  ports: Ports,
  principal: Principal,
  fileId: string,
  list: { readonly after?: string; readonly limit: number },
): Promise<Page<FileInviteRecord, string>> {
  await findOwnFile(ports, principal, fileId);
  const rows = await ports.metadata.listFileInvites({ fileId, ...list, limit: list.limit + 1 });
  const page = pageOf(rows, list.limit, ({ id }: FileInviteRecord) => id);
  const nowMs = ports.clock.nowMs();
  return { ...page, items: page.items.filter(({ expiresAtMs }) => expiresAtMs > nowMs) };
}

/**
 * Takes an invite to a file back.
 *
 * @throws RefusedError `not-found` (also where there is no such invite), `forbidden`, `sealed`
 */
export async function withdrawFileInvite(
  ports: Ports,
  principal: Principal,
  fileId: string,
  inviteId: string,
): Promise<void> {
  await findVisibleFile(ports, principal, "share", fileId);
  const actor = { principalId: principal.id };
  if (!(await ports.metadata.withdrawFileInvite({ fileId, inviteId, actor })))
    throw new RefusedError(notFound);
}
