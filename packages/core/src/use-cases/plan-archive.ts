import type { ArchiveRequest, LeftOutFile } from "../archives/archive.ts";
import { createEntryNames, type EntryNames, manifestName } from "../archives/entry-names.ts";
import type { FileRecord, VersionOfFile } from "../file.ts";
import { type FilePosition, positionOf } from "../file-lists/file-list.ts";
import { maxWaitingDerivativesPerPerson } from "../limits.ts";
import type { Principal } from "../policy/principal.ts";
import type { Clock } from "../ports/clock.ts";
import type { MetadataStore } from "../ports/metadata-store.ts";
import { RefusedError } from "../refusal.ts";
import { listAlbumFiles } from "./albums/list-album-files.ts";
import { listRevealed } from "./albums/list-revealed.ts";
import {
  type BytesGivenOut,
  bytesGivenOut,
  type GivenBytes,
  givenToOwner,
  versionGivenOut,
} from "./bytes-given-out.ts";
import { accountFolder, accountName } from "./describe-account.ts";
import { onlyVisible, type VisibleFile } from "./get-file.ts";

/** An entry, before it is read. */
export interface PlannedEntry extends VersionOfFile, GivenBytes {
  readonly name: string;
  readonly modifiedAtMs: number;
}

export interface ArchivePlan {
  readonly entries: readonly PlannedEntry[];
  readonly leftOut: readonly LeftOutFile[];
  /** Whether something has to be made before. */
  readonly mustWait: boolean;
}

export interface PlanPorts {
  readonly metadata: MetadataStore;
  readonly clock: Clock;
}

/** Files that are looked at together. */
const pageSize = 200;

/**
 * Decides what is in an archive: of everything that was asked for, what the principal may see now, as they get it. What others' files
 * are to them is ordered where it was not made yet.
 *
 * @param waits whether it may be waited for; else what is not there is left out
 */
export async function planArchive(
  ports: PlanPorts,
  principal: Principal,
  request: ArchiveRequest,
  waits: boolean,
): Promise<ArchivePlan> {
  const planned: PlannedEntry[] = [];
  const leftOut: LeftOutFile[] = [];
  let mustWait = false;
  const names = createEntryNames("", [manifestName, accountName, accountFolder, "versions", "trash"]);
  const isAccount = request.kind === "account";
  const versions = isAccount ? createEntryNames("versions/") : undefined;
  const trash = createEntryNames("trash/");
  for await (const { ids, files } of pagesOf(ports, principal, request)) {
    const visible = new Map((await onlyVisible(ports, principal, files)).map((seen) => [seen.file.id, seen]));
    const decided: { readonly seen: VisibleFile; readonly bytes: BytesGivenOut }[] = [];
    for (const id of ids) {
      const seen = visible.get(id);
      if (!seen) leftOut.push({ fileId: id, reason: "not-visible" });
      else if (isAccount && isInTrash(seen))
        planned.push(entryOf(trash, seen.file, seen.file.version, givenToOwner(seen)));
      else if (seen.file.state !== "ready") leftOut.push({ fileId: id, reason: "not-ready" });
      else decided.push({ seen, bytes: bytesGivenOut(seen) });
    }
    const made = await orderMissing(ports, principal, decided);
    for (const { seen, bytes } of decided) {
      const { file } = seen;
      const got = bytes.kind === "ordered" ? made.get(file.id) : bytes;
      if (got === "waiting" && waits) mustWait = true;
      else if (got === undefined || got === "waiting" || got.kind !== "given")
        leftOut.push({ fileId: file.id, reason: "no-rendition" });
      else planned.push(entryOf(names, file, file.version, got));
      if (versions && seen.isOwn) planned.push(...(await earlierVersions(ports, versions, file)));
    }
  }
  return { entries: planned, leftOut, mustWait };
}

/** Of one's own, what somebody takes along who leaves. */
export const isInTrash = ({ file, isOwn }: VisibleFile): boolean => isOwn && file.state === "trashed";

const entryOf = (
  names: EntryNames,
  { id, name, current, createdAtMs }: FileRecord,
  version: number,
  { key, sizeBytes, sha256 }: GivenBytes,
): PlannedEntry => ({
  name: names.nameFor({ name, contentType: current.contentType }),
  fileId: id,
  version,
  key,
  sizeBytes,
  sha256,
  modifiedAtMs: createdAtMs,
});

interface PageOfFiles {
  readonly ids: readonly string[];
  readonly files: readonly FileRecord[];
}

/** What was asked for, page by page, whether or not there is such a file. */
async function* pagesOf(
  ports: PlanPorts,
  principal: Principal,
  request: ArchiveRequest,
): AsyncGenerator<PageOfFiles> {
  const { metadata } = ports;
  if (request.kind === "files") {
    const wanted = [...new Set(request.fileIds)];
    for (let at = 0; at < wanted.length; at += pageSize) {
      const ids = wanted.slice(at, at + pageSize);
      yield { ids, files: await metadata.findFiles(ids) };
    }
    return;
  }
  if (request.kind === "album") return yield* albumPages(ports, principal, request.albumId);
  for (const list of [{ by: "created" }, { by: "trashed" }] as const) {
    let after: FilePosition | undefined;
    do {
      const files = await listRevealed(ports, {
        ownerId: principal.id,
        list,
        limit: pageSize,
        ...(after ? { after } : {}),
      });
      yield { ids: files.map(({ id }) => id), files };
      const last = files.length < pageSize ? undefined : files.at(-1);
      after = last && positionOf(list, last);
    } while (after);
  }
}

/** Of an album that is not theirs to list, or sealed, nothing: as of one that does not exist. */
async function* albumPages(
  ports: PlanPorts,
  principal: Principal,
  albumId: string,
): AsyncGenerator<PageOfFiles> {
  let after: FilePosition | undefined;
  do {
    const page = await listAlbumFiles(ports, principal, albumId, {
      limit: pageSize,
      ...(after ? { after } : {}),
    }).catch((error: unknown) => {
      if (error instanceof RefusedError) return undefined;
      throw error;
    });
    if (!page) return;
    const files = page.items.map(({ file }) => file);
    yield { ids: files.map(({ id }) => id), files };
    after = page.next;
  } while (after);
}

/** Of those whose bytes are not there yet, by file's id. */
async function orderMissing(
  { metadata }: PlanPorts,
  principal: Principal,
  decided: readonly { readonly seen: VisibleFile; readonly bytes: BytesGivenOut }[],
): Promise<ReadonlyMap<string, BytesGivenOut | "waiting">> {
  const orders = decided.flatMap(({ bytes }) => (bytes.kind === "ordered" ? [bytes.order] : []));
  if (orders.length === 0) return new Map();
  const outcomes = await metadata.askDerivatives({
    actor: { principalId: principal.id },
    orders,
    // However many files of one owner are in it, that owner's own do not wait behind them.
    chargedTo: principal.id,
    maxWaitingPerOwner: maxWaitingDerivativesPerPerson,
  });
  return new Map(
    orders.map(({ fileId }, index): [string, BytesGivenOut | "waiting"] => {
      const outcome = outcomes[index];
      if (outcome?.outcome === "made") {
        const { key, sizeBytes, sha256 } = outcome.derivative;
        return [fileId, sha256 === undefined ? { kind: "none" } : { kind: "given", key, sizeBytes, sha256 }];
      }
      const isComing = outcome && ["asked", "waiting", "too-many"].includes(outcome.outcome);
      return [fileId, isComing ? "waiting" : { kind: "none" }];
    }),
  );
}

/** A file's own history, but the current one. */
async function earlierVersions(
  { metadata }: PlanPorts,
  names: EntryNames,
  file: FileRecord,
): Promise<PlannedEntry[]> {
  if (file.latestVersion === 1) return [];
  const entries: PlannedEntry[] = [];
  let after: number | undefined;
  do {
    const page = await metadata.listFileVersions({
      fileId: file.id,
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    });
    for (const version of page)
      if (version.version !== file.version)
        entries.push({
          ...versionGivenOut(version),
          name: names.nameFor({ name: version.name, contentType: version.contentType }),
          fileId: file.id,
          version: version.version,
          modifiedAtMs: version.createdAtMs,
        });
    after = page.length < pageSize ? undefined : page.at(-1)?.version;
  } while (after !== undefined);
  return entries;
}
