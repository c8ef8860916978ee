import { emailKey } from "../email-key.ts";
import { maxGrantsPerFile } from "../limits.ts";
import type { Principal } from "../policy/principal.ts";
import type { InviteToFile } from "../ports/invite-commands.ts";
import type { GrantRecord } from "../ports/sharing-commands.ts";
import type { PrincipalRecord } from "../principal.ts";
import { notFound, RefusedError } from "../refusal.ts";
import type { Page } from "./page.ts";
import { pageOf } from "./page.ts";
import type { ServicePorts } from "./ports.ts";

type Ports = Pick<ServicePorts, "metadata">;

/** An invite as the one whom it is for sees it. */
export interface ReceivedInvite extends InviteToFile {
  /** Whose file it is. */
  readonly from?: PrincipalRecord;
}

/** By what somebody's invites are found: the address that their issuer found to be theirs. Absent: they have none. */
async function verifiedKeyOf(
  { metadata }: Ports,
  { id, capability }: Principal,
): Promise<string | undefined> {
  const person = capability ? undefined : await metadata.findPrincipal(id);
  return person?.emailVerified && person.email !== undefined ? emailKey(person.email) : undefined;
}

/**
 * The invites for one's own verified e-mail address that can be accepted, the first one first. Who has none has no invites.
 *
 * @param list.after the id of the last one of the page before
 */
export async function listOwnInvites(
  ports: Ports,
  principal: Principal,
  list: { readonly after?: string; readonly limit: number },
): Promise<Page<ReceivedInvite, string>> {
  const key = await verifiedKeyOf(ports, principal);
  if (key === undefined) return { items: [] };
  const rows = await ports.metadata.listInvitesFor({ emailKey: key, ...list, limit: list.limit + 1 });
  const page = pageOf(rows, list.limit, ({ invite }: InviteToFile) => invite.id);
  const ownerIds = [...new Set(page.items.map(({ file }) => file.ownerId))];
  const owners = new Map(
    (await Promise.all(ownerIds.map((id) => ports.metadata.findPrincipal(id)))).flatMap((owner) =>
      owner ? [[owner.id, owner] as const] : [],
    ),
  );
  const items = page.items.map((each) => {
    const from = owners.get(each.file.ownerId);
    return { ...each, ...(from ? { from } : {}) };
  });
  return { ...page, items };
}

/**
 * Accepts an invite: the file is shared with who does.
 *
 * @throws RefusedError `not-found`, alike for what there is not, what is for another address, and where one's own is not verified;
 *   `too-many-grants`
 */
export async function acceptInvite(
  ports: Ports,
  principal: Principal,
  inviteId: string,
): Promise<GrantRecord> {
  const key = await verifiedKeyOf(ports, principal);
  if (key === undefined) throw new RefusedError(notFound);
  const result = await ports.metadata.acceptInvite({
    inviteId,
    emailKey: key,
    userId: principal.id,
    maxGrants: maxGrantsPerFile,
  });
  switch (result.outcome) {
    case "accepted":
      return result.grant;
    case "too-many":
      throw new RefusedError({
        code: "too-many-grants",
        detail: "The file is shared with as many people as it may be: ask its owner to make room.",
      });
    case "missing":
      throw new RefusedError(notFound);
  }
}

/**
 * Declines an invite, for good.
 *
 * @throws RefusedError `not-found`, as {@link acceptInvite}
 */
export async function declineInvite(ports: Ports, principal: Principal, inviteId: string): Promise<void> {
  const key = await verifiedKeyOf(ports, principal);
  const actor = { principalId: principal.id };
  if (key === undefined || !(await ports.metadata.declineInvite({ inviteId, emailKey: key, actor })))
    throw new RefusedError(notFound);
}
