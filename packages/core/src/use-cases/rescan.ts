import type { FileRecord, FileVersionRecord } from "../file.ts";
import type { MetadataStore, VersionRecord } from "../ports/metadata-store.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import type { Scanner } from "../ports/scanner.ts";
import { type ScannedObject, scanObject } from "./scan-object.ts";

/** What a rescan tells of one version of one file. */
export type RescanFinding = {
  readonly fileId: string;
  readonly ownerId: string;
  readonly version: number;
} & (
  | { readonly kind: "quarantined" | "still-found"; readonly finding: string; readonly scanner: string }
  /** A quarantined file in whose versions nothing is found any more. `version` is the one in which something was. */
  | { readonly kind: "clean-now"; readonly released: boolean }
  | { readonly kind: "not-scanned"; readonly reason: (ScannedObject & { verdict: "unknown" })["reason"] }
);

export interface RescanOptions {
  /** Puts back what was quarantined and in which nothing is found any more. Default `false`. */
  readonly releases?: boolean;
  /** Versions scanned at a time. Default 4. */
  readonly parallel?: number;
  readonly signal?: AbortSignal;
  onFinding(finding: RescanFinding): void;
  /** Told after each version and while one is read, of what was done so far. */
  onProgress?(versions: number, bytes: number): void;
}

export interface RescanReport {
  readonly versions: number;
  readonly bytes: number;
  readonly quarantined: number;
  readonly stillFound: number;
  readonly cleanNow: number;
  readonly released: number;
  readonly notScanned: number;
}

export interface RescanPorts {
  readonly metadata: MetadataStore;
  readonly objects: ObjectStore;
  readonly scanner: Scanner;
}

/** Rows that are held in memory at a time. */
const pageSize = 200;

/**
 * Scans everything that is given out, or could be again: what is quarantined first, then every version of every file that
 * is not, old ones and the trash included. A find quarantines its file at once. What becomes ready meanwhile was
 * scanned when it was verified.
 *
 * May be broken off and run again; a file that is quarantined already stays as it is.
 *
 * @throws ScannerUnavailableError where the scanner can't be reached
 */
export async function rescan(ports: RescanPorts, options: RescanOptions): Promise<RescanReport> {
  const counts = {
    versions: 0,
    bytes: 0,
    quarantined: 0,
    stillFound: 0,
    cleanNow: 0,
    released: 0,
    notScanned: 0,
  };
  const count = (finding: RescanFinding) => {
    switch (finding.kind) {
      case "quarantined":
        counts.quarantined += 1;
        return;
      case "still-found":
        counts.stillFound += 1;
        return;
      case "not-scanned":
        counts.notScanned += 1;
        return;
      case "clean-now":
        counts.cleanNow += 1;
        if (finding.released) counts.released += 1;
    }
  };
  const run: Run = {
    ...ports,
    ...options,
    tell: (finding) => {
      count(finding);
      options.onFinding(finding);
    },
    scan: async (version) => {
      options.signal?.throwIfAborted();
      const scanned = await scanObject(
        {
          ...ports,
          ...(options.signal ? { signal: options.signal } : {}),
          onBytes: (bytes) => {
            counts.bytes += bytes;
            options.onProgress?.(counts.versions, counts.bytes);
          },
        },
        version,
      );
      counts.versions += 1;
      options.onProgress?.(counts.versions, counts.bytes);
      return scanned;
    },
  };
  await rescanQuarantined(run);
  await rescanVersions(run);
  return counts;
}

interface Run extends RescanPorts, RescanOptions {
  tell(finding: RescanFinding): void;
  scan(version: { readonly key: string; readonly sizeBytes: number }): Promise<ScannedObject>;
}

async function rescanQuarantined(run: Run): Promise<void> {
  for (let after: string | undefined; ; ) {
    const page = await run.metadata.listQuarantinedFiles({
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    });
    await inParallel(run, page, (file) => rescanFile(run, file));
    after = page.at(-1)?.id;
    if (page.length < pageSize) return;
  }
}

/** All versions of a quarantined file: it is clean once all of them are. */
async function rescanFile(
  run: Run,
  { id: fileId, ownerId, revision, quarantine }: FileRecord,
): Promise<void> {
  for (let after: number | undefined; ; ) {
    const page: readonly FileVersionRecord[] = await run.metadata.listFileVersions({
      fileId,
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    });
    for (const { version, key, sizeBytes } of page) {
      const of = { fileId, ownerId, version };
      const scanned = await run.scan({ key, sizeBytes });
      if (scanned.verdict === "unknown")
        return run.tell({ kind: "not-scanned", ...of, reason: scanned.reason });
      if (scanned.verdict === "infected")
        return run.tell({ kind: "still-found", ...of, finding: scanned.name, scanner: scanned.scanner });
    }
    after = page.at(-1)?.version;
    if (page.length < pageSize) break;
  }
  const released =
    run.releases === true &&
    (await run.metadata.releaseFile({ fileId, revision, actor: "system" })).outcome === "done";
  run.tell({ kind: "clean-now", fileId, ownerId, version: quarantine?.version ?? 1, released });
}

async function rescanVersions(run: Run): Promise<void> {
  for (let after: string | undefined; ; ) {
    const page = await run.metadata.listVersions({
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    });
    const files = await run.metadata.findFiles([...new Set(page.map(({ fileId }) => fileId))]);
    const quarantined = new Set(files.filter(({ state }) => state === "quarantined").map(({ id }) => id));
    const versions = page.filter(({ fileId }) => !quarantined.has(fileId));
    await inParallel(run, versions, (version) => rescanVersion(run, version));
    after = page.at(-1)?.storagePrefix;
    if (page.length < pageSize) return;
  }
}

async function rescanVersion(
  run: Run,
  { fileId, ownerId, version, key, sizeBytes }: VersionRecord,
): Promise<void> {
  const of = { fileId, ownerId, version };
  const scanned = await run.scan({ key, sizeBytes });
  if (scanned.verdict === "clean") return;
  if (scanned.verdict === "unknown") {
    // A purge deletes the row before the object.
    const isThere = (await run.metadata.findFileVersions([{ fileId, version }])).length > 0;
    if (isThere) run.tell({ kind: "not-scanned", ...of, reason: scanned.reason });
    return;
  }
  const found = { finding: scanned.name, scanner: scanned.scanner };
  const { outcome } = await run.metadata.quarantineFile({ fileId, version, key, ...found });
  if (outcome === "done") run.tell({ kind: "quarantined", ...of, ...found });
}

async function inParallel<T>(
  { parallel = 4, signal }: Pick<Run, "parallel" | "signal">,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values();
  const lane = async (): Promise<void> => {
    for (const item of left) {
      signal?.throwIfAborted();
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
}
