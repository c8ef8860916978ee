import type { Principal } from "../policy/principal.ts";
import type { GrantRecord } from "../ports/sharing-commands.ts";
import { notFound, RefusedError } from "../refusal.ts";
import { findOwnFile } from "./get-file.ts";
import { type Page, pageOf } from "./page.ts";
import type { ServicePorts } from "./ports.ts";

type Ports = Pick<ServicePorts, "metadata" | "clock">;

/** A grant, and what its owner knows the person by. */
export interface KnownGrant {
  readonly grant: GrantRecord;
  readonly name?: string;
  readonly email?: string;
}

/**
 * With whom a file is shared, by the person's id; those whose time is up are left out, so that a page may be shorter than was asked for.
 *
 * @param list.after the person of the last one of the page before
 * @throws RefusedError `not-found`, `forbidden`
 */
export async function listGrants(
  ports: Ports,
  principal: Principal,
  fileId: string,
  list: { readonly after?: string; readonly limit: number },
): Promise<Page<KnownGrant, string>> {
  await findOwnFile(ports, principal, fileId);
  const rows = await ports.metadata.listGrants({ fileId, ...list, limit: list.limit + 1 });
  const page = pageOf(rows, list.limit, ({ userId }: GrantRecord) => userId);
  const nowMs = ports.clock.nowMs();
  const good = page.items.filter((grant) => isGood(grant, nowMs));
  return { ...page, items: await Promise.all(good.map((grant) => withPerson(ports, principal, grant))) };
}

/**
 * What a file is shared by with one person.
 *
 * @throws RefusedError `not-found` (also where it is not shared with them, or not any more), `forbidden`
 */
export async function getGrant(
  ports: Ports,
  principal: Principal,
  fileId: string,
  userId: string,
): Promise<KnownGrant> {
  await findOwnFile(ports, principal, fileId);
  const grant = await ports.metadata.findGrant({ fileId, userId });
  if (!grant || !isGood(grant, ports.clock.nowMs())) throw new RefusedError(notFound);
  return withPerson(ports, principal, grant);
}

/**
 * Of an id that anybody may have said nothing is told: only who is of the owner's organisation, where they find them by name as well, and of
 * others the address that the owner offered it to.
 */
export async function withPerson(
  { metadata }: Ports,
  { organisationId }: Principal,
  grant: GrantRecord,
): Promise<KnownGrant> {
  const person = organisationId === undefined ? undefined : await metadata.findPrincipal(grant.userId);
  if (person === undefined || person.organisationId !== organisationId)
    return { grant, ...(grant.invitedAs === undefined ? {} : { email: grant.invitedAs }) };
  const { name, email = grant.invitedAs } = person;
  return { grant, ...(name === undefined ? {} : { name }), ...(email === undefined ? {} : { email }) };
}

const isGood = ({ endsAtMs = Number.POSITIVE_INFINITY }: GrantRecord, nowMs: number): boolean =>
  endsAtMs > nowMs;
