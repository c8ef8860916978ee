import type { FileAudience, FileChange, FileRecord } from "../file.ts";
import { maxDerivativeMakesPerVersion, maxWaitingDerivativesPerPerson } from "../limits.ts";
import { shownAudience } from "../policy/audiences.ts";
import { isSealed } from "../policy/decide-album-access.ts";
import type { Principal } from "../policy/principal.ts";
import type { FileOutcome } from "../ports/file-commands.ts";
import { notFound, type Refusal, RefusedError } from "../refusal.ts";
import type { Metadata } from "../upload.ts";
import { type AlbumPorts, findVisibleAlbums } from "./albums/find-album.ts";
import { assertNotOwnSealed } from "./albums/own-sealed.ts";
import { atRevision, type ExpectedRevision, type FilePorts } from "./at-revision.ts";
import { chooseAudience, type Visibility } from "./choose-audience.ts";
import type { ServicePorts } from "./ports.ts";
import { findSpec, orderOf, outdatedDerivatives } from "./wanted-derivatives.ts";

/** What of a file its owner asks to be changed: at least one of these. */
export interface FileChangeIntent extends Omit<FileChange, "audience"> {
  readonly visibility?: Visibility | undefined;
}

/**
 * Changes a file's name, its metadata, to whom it is shown, or several of these. What is so already is done: no new revision, no audit event. A file in
 * the trash must be restored first: what is about to be deleted is not edited by mistake. Where the metadata crops pictures
 * otherwise, those are made anew.
 *
 * @throws RefusedError `not-found`, `forbidden`, `sealed`, `validation-failed`, `precondition-required`, `precondition-failed`,
 *   `file-not-ready`
 */
export async function changeFile(
  ports: FilePorts & Pick<ServicePorts, "profiles" | "wakeWorker">,
  principal: Principal,
  fileId: string,
  expected: ExpectedRevision,
  { visibility, ...intent }: FileChangeIntent,
): Promise<FileRecord> {
  const isShared = visibility !== undefined || intent.sharesOriginal !== undefined;
  const shown = visibility === undefined ? undefined : chooseAudience(principal, visibility);
  const albumIds = intent.albumIds && [...new Set(intent.albumIds)];
  if (albumIds) await assertNotOwnSealed(ports, principal, fileId);
  const change = { ...intent, ...(shown && "audience" in shown ? shown : {}) };
  let before: FileRecord | undefined;
  const changed = await atRevision(ports, {
    principal,
    action: isShared ? "share" : "change",
    fileId,
    expected,
    assertThere: async () => {
      if (shown && "refusal" in shown) throw new RefusedError(shown.refusal);
    },
    // The command holds only for the revision that was read, so what it would change can be told from that.
    run: async (command, file) => {
      before = file;
      if (albumIds) await assertMayAdd(ports, principal, file, albumIds);
      return file.revision === command.revision && file.state === "ready" && isSo(file, change)
        ? { outcome: "done", file }
        : unlessRefused(await ports.metadata.changeFile({ ...command, change: { ...change, albumIds } }));
    },
    inWrongState: notReady,
  });
  if (before) await cropAnew(ports, principal, before, changed);
  return changed;
}

/**
 * @throws RefusedError `not-found` for an album to which the principal may not add, `sealed` for one that is: only what is sent to it comes into
 *   it, since what is here already was seen
 */
async function assertMayAdd(
  ports: AlbumPorts,
  principal: Principal,
  file: FileRecord,
  albumIds: readonly string[],
): Promise<void> {
  const added = albumIds.filter((id) => !file.albumIds?.includes(id));
  if (added.length === 0) return;
  const seen = await findVisibleAlbums(ports, principal, added);
  for (const id of added) {
    const { can, album } = seen.get(id) ?? {};
    if (!album || !can?.includes("add")) throw new RefusedError({ ...notFound, member: "albumIds" });
    if (isSealed(album))
      throw new RefusedError({
        code: "sealed",
        member: "albumIds",
        detail: "That album is sealed: only what is sent to it comes into it.",
      });
  }
}

/** @throws RefusedError `no-shots-left`, or `not-found` where an album that it was to come into has become another since that was decided */
function unlessRefused(result: Awaited<ReturnType<ServicePorts["metadata"]["changeFile"]>>): FileOutcome {
  if (result.outcome === "album-refused") throw new RefusedError({ ...notFound, member: "albumIds" });
  if (result.outcome === "no-shots-left")
    throw new RefusedError({
      code: "no-shots-left",
      member: "albumIds",
      detail: `Each member of this album has ${result.shotsPerMember} shots, and you have taken yours.`,
    });
  return result;
}

/** Asks for the derivatives of the current version that show another part of it than before; until then the old ones do. */
async function cropAnew(
  { metadata, profiles, wakeWorker }: Pick<ServicePorts, "metadata" | "profiles" | "wakeWorker">,
  principal: Principal,
  before: FileRecord,
  { id, version, current, metadata: pairs }: FileRecord,
): Promise<void> {
  const of = { ...current, fileId: id, version };
  const orders = outdatedDerivatives({ profiles }, of, pairs).filter(({ name, madeAs }) => {
    const spec = findSpec({ profiles }, of, name);
    return spec && orderOf(spec, of, before.metadata, 0).madeAs !== madeAs;
  });
  if (orders.length === 0) return;
  await metadata.askDerivatives({
    actor: { principalId: principal.id },
    orders,
    maxPerVersion: maxDerivativeMakesPerVersion,
    maxWaitingPerOwner: maxWaitingDerivativesPerPerson,
  });
  wakeWorker();
}

/** Why nothing but restoring and deleting is done to a file in such a state. */
export const notReady = ({ state }: FileRecord): Refusal => ({
  code: "file-not-ready",
  detail:
    state === "trashed"
      ? "The file is in the trash: restore it first."
      : "The file is quarantined: a later check found something in it.",
});

const isSo = (file: FileRecord, change: FileChange): boolean => {
  const { name = file.name, metadata = file.metadata, audience, sharesOriginal } = change;
  const { albumIds = file.albumIds ?? [] } = change;
  return (
    file.name === name &&
    hasSamePairs(file.metadata, metadata) &&
    hasSameIds(file.albumIds ?? [], [...new Set(albumIds)]) &&
    (audience === undefined || shownOf(audience) === shownOf(file.audience ?? "private")) &&
    (sharesOriginal === undefined || sharesOriginal === (file.sharesOriginal ?? false))
  );
};

const shownOf = (audience: FileAudience | "private"): string =>
  audience === "private" ? audience : shownAudience(audience);

const hasSameIds = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && other.every((id) => one.includes(id));

function hasSamePairs(one: Metadata, other: Metadata): boolean {
  const pairs = new Map(Object.entries(one));
  const others = Object.entries(other);
  return pairs.size === others.length && others.every(([key, value]) => pairs.get(key) === value);
}
