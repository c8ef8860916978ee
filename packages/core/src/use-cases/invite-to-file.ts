import { emailKey } from "../email-key.ts";
import { inviteLifetimeMs, maxInvitesPerFile } from "../limits.ts";
import type { Principal } from "../policy/principal.ts";
import type { FileInviteRecord } from "../ports/invite-commands.ts";
import { notFound, RefusedError } from "../refusal.ts";
import { notReady } from "./change-file.ts";
import { findVisibleFile } from "./get-file.ts";
import type { ServicePorts } from "./ports.ts";

/**
 * Invites whoever turns out to have an e-mail address to see a file. Nobody is looked up: an address that somebody here has is answered
 * as one that nobody has, and nothing is shared before it is accepted.
 *
 * @param intent.endsAtMs when the right is to end, in the future; absent: not by itself
 * @throws RefusedError `not-found`, `forbidden`, `sealed`, `validation-failed`, `file-not-ready`, `too-many-grants`
 */
export async function inviteToFile(
  ports: Pick<ServicePorts, "metadata" | "clock" | "ids">,
  principal: Principal,
  fileId: string,
  { email, endsAtMs }: { readonly email: string; readonly endsAtMs?: number },
): Promise<FileInviteRecord> {
  await findVisibleFile(ports, principal, "share", fileId);
  if (endsAtMs !== undefined && endsAtMs <= ports.clock.nowMs())
    throw new RefusedError({
      code: "validation-failed",
      member: "endsAt",
      detail: "endsAt is in the past: nobody would see the file by it.",
    });
  const result = await ports.metadata.inviteToFile({
    newId: ports.ids.newId(),
    fileId,
    email: email.trim(),
    emailKey: emailKey(email),
    actor: { principalId: principal.id },
    lifetimeMs: inviteLifetimeMs,
    ...(endsAtMs === undefined ? {} : { grantEndsAtMs: endsAtMs }),
    maxInvites: maxInvitesPerFile,
  });
  switch (result.outcome) {
    case "invited":
      return result.invite;
    case "too-many":
      throw new RefusedError({
        code: "too-many-grants",
        detail: `${maxInvitesPerFile} invites to the file wait to be accepted, and there may be no more: withdraw some.`,
      });
    case "not-ready":
      throw new RefusedError(notReady(result.file));
    case "missing":
      throw new RefusedError(notFound);
  }
}
