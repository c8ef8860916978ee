import type { FileRecord } from "../file.ts";
import type { DeletedAccount } from "../ports/account-commands.ts";
import type { IssuerAccounts } from "../ports/issuer-accounts.ts";
import { endedUploadStates, type UploadRecord } from "../upload.ts";
import { closeLanding } from "./abort-upload.ts";
import type { SweepPorts } from "./sweep.ts";

/** Accounts that are looked up together. */
const accountsAtOnce = 50;

/** Rows that are looked at together. */
const pageSize = 200;

/**
 * A request that was let in just before the account was deleted may write for a while: what it left is looked for until then, and the
 * account is forgotten no sooner.
 */
const lateRequestMs = 5 * 60_000;

export interface ErasePorts extends SweepPorts {
  /** Of the issuer that runs here. Default: none does. */
  readonly issuerAccounts?: Pick<IssuerAccounts, "remove">;
}

/**
 * One pass over what deleted accounts own: what is left of them at the issuer that runs here goes, open uploads are aborted, files deleted for good
 * whatever their state, archives ended, rights to others' files taken back, what ended uploads say of what was sent is emptied. What a worker has in hands is left to it, and to the next pass. Each step is idempotent and may be cut off
 * anywhere. One that can't come to its end yet, or whose rows can't be read, keeps no other from its own. Answers how many accounts have
 * nothing left.
 *
 * @throws what the first of those that failed threw, once all were tried
 */
export async function eraseAccounts(ports: ErasePorts): Promise<number> {
  let erased = 0;
  const failures: unknown[] = [];
  let after: DeletedAccount | undefined;
  do {
    const page = await ports.metadata.listDeletedAccounts({
      limit: accountsAtOnce,
      ...(after ? { after } : {}),
    });
    for (const account of page)
      try {
        if (await eraseAccount(ports, account)) erased += 1;
      } catch (error) {
        failures.push(error);
      }
    after = page.length < accountsAtOnce ? undefined : page.at(-1);
  } while (after);
  if (failures.length > 0) throw failures[0];
  return erased;
}

/** @returns whether nothing is left of it */
async function eraseAccount(
  ports: ErasePorts,
  { principalId, deletedAtMs, issuerAccount }: DeletedAccount,
): Promise<boolean> {
  const { metadata, clock, issuerAccounts } = ports;
  const isGoneAtIssuer = issuerAccount === undefined || issuerAccounts !== undefined;
  const away: unknown[] = [];
  if (issuerAccount && issuerAccounts)
    try {
      await issuerAccounts.remove(issuerAccount);
      await metadata.forgetIssuerAccount(principalId);
    } catch (error) {
      // What they own goes all the same.
      away.push(error);
    }
  const isQuiet = await endUploads(ports, principalId);
  for (const list of [{ by: "created" }, { by: "trashed" }] as const)
    await purgeAll(ports, () => metadata.listFiles({ ownerId: principalId, list, limit: pageSize }));
  await purgeAll(ports, () => metadata.listSealedFiles({ ownerId: principalId, limit: pageSize }));
  const hasLeft = await leaveAlbums(ports, principalId);
  while ((await metadata.endArchives({ limit: pageSize, ownerId: principalId })) === pageSize);
  while ((await metadata.revokeGrantsTo({ userId: principalId, limit: pageSize })) === pageSize);
  if (away.length > 0) throw away[0];
  if (!isGoneAtIssuer || !isQuiet || !hasLeft || clock.nowMs() < deletedAtMs + lateRequestMs) return false;
  // Those that ended meanwhile among them.
  await eraseEnded(ports, principalId);
  await metadata.forgetAccount(principalId);
  return true;
}

/**
 * Leaves every album; one that has no other owner is deleted. A sealed one with photos stays until its reveal: they are nobody's to take away.
 *
 * @returns whether they are in none any more
 */
async function leaveAlbums({ metadata }: SweepPorts, principalId: string): Promise<boolean> {
  let hasLeft = true;
  let after: { readonly joinedAtMs: number; readonly id: string } | undefined;
  do {
    const page = await metadata.listAlbums({ principalId, limit: pageSize, ...(after ? { after } : {}) });
    for (const { album } of page) {
      const albumId = album.id;
      const left = await metadata.removeAlbumMember({ albumId, userId: principalId, actor: "system" });
      if (left !== "last-owner") continue;
      const { revision } = album;
      const { outcome } = await metadata.deleteAlbum({ albumId, revision, actor: "system" });
      if (outcome !== "done" && outcome !== "missing") hasLeft = false;
    }
    const last = page.length < pageSize ? undefined : page.at(-1);
    after = last && { joinedAtMs: last.member.joinedAtMs, id: last.album.id };
  } while (after);
  return hasLeft;
}

/** @returns whether all have ended */
export async function endUploads(
  ports: SweepPorts,
  ownerId: string,
  detail = "Its account was deleted.",
): Promise<boolean> {
  for await (const page of uploadsOf(ports, ownerId))
    for (const { id, state } of page) {
      if (state !== "pending") continue;
      const aborted = await ports.metadata.abortUpload({
        uploadId: id,
        actor: "system",
        detail,
      });
      if (aborted.outcome === "aborted") await closeLanding(ports, aborted.upload);
    }
  return eraseEnded(ports, ownerId);
}

/** @returns whether all have ended */
async function eraseEnded(ports: SweepPorts, ownerId: string): Promise<boolean> {
  let areEnded = true;
  for await (const page of uploadsOf(ports, ownerId)) {
    const telling = page.filter(
      ({ state, name, metadata, ref }) =>
        endedUploadStates.has(state) &&
        (name !== "" || ref !== undefined || Object.keys(metadata).length > 0),
    );
    const uploadIds = telling.map(({ id }) => id);
    if (uploadIds.length > 0) await ports.metadata.eraseUploads({ ownerId, uploadIds });
    areEnded &&= page.every(({ state }) => endedUploadStates.has(state));
  }
  return areEnded;
}

async function* uploadsOf(
  { metadata }: SweepPorts,
  ownerId: string,
): AsyncGenerator<readonly UploadRecord[]> {
  let last: UploadRecord | undefined;
  do {
    const page = await metadata.listUploads({
      ownerId,
      limit: pageSize,
      ...(last ? { after: { createdAtMs: last.createdAtMs, id: last.id } } : {}),
    });
    yield page;
    last = page.length < pageSize ? undefined : page.at(-1);
  } while (last);
}

/** What changes in between stays in its list, and comes again with the next page or the next pass. */
export async function purgeAll(
  { metadata }: SweepPorts,
  list: () => Promise<readonly FileRecord[]>,
): Promise<void> {
  for (;;) {
    const page = await list();
    let purged = 0;
    for (const { id, revision } of page) {
      const { outcome } = await metadata.purgeFile({ fileId: id, revision, actor: "system" });
      if (outcome === "done") purged += 1;
    }
    if (page.length < pageSize || purged === 0) return;
  }
}
