import type { FileRecord } from "../file.ts";
import {
  decideFileAccess,
  type FileAccess,
  type FileAction,
  type FileDecision,
  fileActions,
  noFileAccess,
} from "../policy/decide-file-access.ts";
import { actsAsPerson, anonymousId, type Principal } from "../policy/principal.ts";
import { reasonInWords } from "../policy/reasons-in-words.ts";
import type { GlassBreakRecord } from "../ports/sharing-commands.ts";
import { notFound, type Refusal, RefusedError } from "../refusal.ts";
import { isOwnSealed, sealed } from "./albums/own-sealed.ts";
import { unsealRevealed } from "./albums/unseal-files.ts";
import type { ServicePorts } from "./ports.ts";

/** A file that a principal may read, and what else they may do with it. */
export interface VisibleFile {
  readonly file: FileRecord;
  /** Whether they own it: others get its rendition, and what that is. */
  readonly isOwn: boolean;
  readonly can: readonly FileAction[];
  /** Why they may read it, and until when. */
  readonly decision: FileDecision;
  /** For its owner: which operators gave themselves the right to see it, the last one first. */
  readonly glassBreaks: readonly GlassBreakRecord[];
}

/** A file as its owner sees it, who has just done something with it. */
export async function ownFile(
  { metadata }: Pick<ServicePorts, "metadata">,
  file: FileRecord,
): Promise<VisibleFile> {
  const glassBreaks = await findGlassBreaks(metadata, file.glassBreaks ? [file] : []);
  return {
    file,
    isOwn: true,
    can: fileActions,
    decision: { allowed: true, reason: "owner" },
    glassBreaks: glassBreaks.get(file.id) ?? [],
  };
}

/** By the files' ids. */
async function findGlassBreaks(
  metadata: ServicePorts["metadata"],
  files: readonly FileRecord[],
): Promise<ReadonlyMap<string, readonly GlassBreakRecord[]>> {
  const found = files.length === 0 ? [] : await metadata.listGlassBreaks(files.map(({ id }) => id));
  const newestFirst = [...found].sort((one, other) => other.atMs - one.atMs);
  return Map.groupBy(newestFirst, ({ fileId }) => fileId);
}

type VisibilityPorts = Pick<ServicePorts, "metadata" | "clock">;

/**
 * Those of some files (at most 200) that the principal may read, in their order. Whatever is given out of a file goes through here.
 *
 * @param missingIds that were asked for too, and that no file has: as much is done for them as for what may not be seen
 */
export async function onlyVisible(
  { metadata, clock }: VisibilityPorts,
  principal: Principal,
  files: readonly FileRecord[],
  missingIds: readonly string[] = [],
): Promise<VisibleFile[]> {
  const others = files.filter(({ ownerId }) => ownerId !== principal.id);
  const fileIds = [...others.map(({ id }) => id), ...missingIds];
  const known = new Map<string, FileAccess>();
  const albumId = albumOf(principal);
  if (fileIds.length > 0 && principal.id !== anonymousId)
    for (const access of await metadata.findFileAccess({
      principalId: principal.id,
      ...(albumId === undefined ? {} : { albumId }),
      fileIds,
    }))
      known.set(access.fileId, access);
  const own = files.filter((file) => file.glassBreaks && isOwner(principal, file));
  const glassBreaks = await findGlassBreaks(metadata, own);
  const nowMs = clock.nowMs();
  return files.flatMap((file) => {
    const access = known.get(file.id) ?? noFileAccess;
    const decision = decideFileAccess(principal, "read", file, access, nowMs);
    if (!decision.allowed) return [];
    const can = fileActions.filter(
      (action) => decideFileAccess(principal, action, file, access, nowMs).allowed,
    );
    const isOwn = file.ownerId === principal.id;
    return [{ file, isOwn, can, decision, glassBreaks: glassBreaks.get(file.id) ?? [] }];
  });
}

/** The album that a link opens, of which its caller is no member. */
const albumOf = ({ capability }: Principal): string | undefined =>
  capability?.kind === "link" && capability.target.kind === "album" ? capability.target.id : undefined;

/** Those of the ids (at most 200) that are files which the principal may read. */
export async function findVisibleFiles(
  ports: VisibilityPorts,
  principal: Principal,
  ids: readonly string[],
): Promise<ReadonlyMap<string, VisibleFile>> {
  const asked = [...new Set(ids)];
  const found = await ports.metadata.findFiles(asked);
  const seen = await seeFound(ports, principal, asked, found);
  return new Map(seen.map((one) => [one.file.id, one]));
}

/**
 * Those of the files that were found of some ids which the principal may read. As much is done for what is not there as for what may not be
 * seen, sealed or not, so that the time it takes tells nothing.
 */
async function seeFound(
  ports: VisibilityPorts,
  principal: Principal,
  asked: readonly string[],
  found: readonly FileRecord[],
): Promise<VisibleFile[]> {
  const there = new Set(found.map(({ id }) => id));
  const files = await unsealRevealed(ports, found);
  const seen = await onlyVisible(
    ports,
    principal,
    files,
    asked.filter((id) => !there.has(id)),
  );
  // What unsealRevealed does for a sealed file.
  if (seen.length < asked.length && !found.some(({ state }) => state === "sealed"))
    await ports.metadata.findAlbums({ principalId: "", albumIds: asked.slice(0, 1) });
  return seen;
}

/**
 * A file that the principal may read.
 *
 * @throws RefusedError `not-found`, alike for what does not exist and what may not be seen
 */
export async function getFile(
  ports: VisibilityPorts,
  principal: Principal,
  fileId: string,
): Promise<VisibleFile> {
  const found = await ports.metadata.findFile(fileId);
  const [seen] = await seeFound(ports, principal, [fileId], found ? [found] : []);
  if (!seen) throw new RefusedError(notFound);
  return seen;
}

/**
 * A file that the principal may act on.
 *
 * @throws RefusedError `not-found`, alike for what does not exist and what may not be seen; `forbidden` where they may read it, but
 *   not do that; `sealed` where they sent it themselves, and want to share it before its album is revealed
 */
export async function findVisibleFile(
  ports: VisibilityPorts,
  principal: Principal,
  action: FileAction,
  fileId: string,
): Promise<FileRecord> {
  const found = await ports.metadata.findFile(fileId);
  const [seen] = await seeFound(ports, principal, [fileId], found ? [found] : []);
  if (action === "share" && !seen && found && isOwnSealed(principal, found)) throw new RefusedError(sealed);
  if (!seen) throw new RefusedError(notFound);
  if (!seen.can.includes(action)) throw new RefusedError(othersOnlyRead);
  return seen.file;
}

/**
 * A file of which the principal may know with whom it is shared.
 *
 * @throws RefusedError `not-found`, `forbidden`
 */
export async function findOwnFile(
  ports: VisibilityPorts,
  principal: Principal,
  fileId: string,
): Promise<VisibleFile> {
  const seen = await getFile(ports, principal, fileId);
  if (!seen.can.includes("share")) throw new RefusedError(othersOnlyRead);
  return seen;
}

const othersOnlyRead: Refusal = {
  code: "forbidden",
  detail: reasonInWords("others-only-read", "you"),
};

const isOwner = (principal: Principal, { ownerId }: FileRecord): boolean =>
  principal.id === ownerId && actsAsPerson(principal);
