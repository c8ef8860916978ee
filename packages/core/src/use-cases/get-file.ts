import type { FileRecord } from "../file.ts";
import {
  decideFileAccess,
  type FileAccess,
  type FileAction,
  type FileDecision,
  fileActions,
  noFileAccess,
} from "../policy/decide-file-access.ts";
import type { Principal } from "../policy/principal.ts";
import { reasonInWords } from "../policy/reasons-in-words.ts";
import { notFound, RefusedError } from "../refusal.ts";
import type { ServicePorts } from "./ports.ts";

/** A file that a principal may read, and what else they may do with it. */
export interface VisibleFile {
  readonly file: FileRecord;
  /** Whether they own it: others get its rendition, and what that is. */
  readonly isOwn: boolean;
  readonly can: readonly FileAction[];
  /** Why they may read it, and until when. */
  readonly decision: FileDecision;
}

/** A file as its owner sees it, who has just done something with it. */
export const ownFile = (file: FileRecord): VisibleFile => ({
  file,
  isOwn: true,
  can: fileActions,
  decision: { allowed: true, reason: "owner" },
});

type VisibilityPorts = Pick<ServicePorts, "metadata" | "clock">;

/**
 * Those of some files (at most 200) that the principal may read, in their order. Whatever is given out of a file goes through here.
 */
export async function onlyVisible(
  { metadata, clock }: VisibilityPorts,
  principal: Principal,
  files: readonly FileRecord[],
): Promise<VisibleFile[]> {
  const others = files.filter(({ ownerId }) => ownerId !== principal.id);
  const known = new Map<string, FileAccess>();
  const albumId = albumOf(principal);
  if (others.length > 0)
    for (const access of await metadata.findFileAccess({
      principalId: principal.id,
      ...(albumId === undefined ? {} : { albumId }),
      fileIds: others.map(({ id }) => id),
    }))
      known.set(access.fileId, access);
  const nowMs = clock.nowMs();
  return files.flatMap((file) => {
    const access = known.get(file.id) ?? noFileAccess;
    const decision = decideFileAccess(principal, "read", file, access, nowMs);
    if (!decision.allowed) return [];
    const can = fileActions.filter(
      (action) => decideFileAccess(principal, action, file, access, nowMs).allowed,
    );
    return [{ file, isOwn: file.ownerId === principal.id, can, decision }];
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
  const files = await ports.metadata.findFiles([...new Set(ids)]);
  return new Map((await onlyVisible(ports, principal, files)).map((seen) => [seen.file.id, seen]));
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
  const file = await ports.metadata.findFile(fileId);
  const [seen] = file ? await onlyVisible(ports, principal, [file]) : [];
  if (!seen) throw new RefusedError(notFound);
  return seen;
}

/**
 * A file that the principal may act on.
 *
 * @throws RefusedError `not-found`, alike for what does not exist and what may not be seen; `forbidden` where they may read it, but
 *   not do that
 */
export async function findVisibleFile(
  ports: VisibilityPorts,
  principal: Principal,
  action: FileAction,
  fileId: string,
): Promise<FileRecord> {
  const { file, can } = await getFile(ports, principal, fileId);
  if (!can.includes(action))
    throw new RefusedError({ code: "forbidden", detail: reasonInWords("others-only-read", "you") });
  return file;
}
