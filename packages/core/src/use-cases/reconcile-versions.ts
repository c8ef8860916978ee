import { storagePrefixRoot } from "../keys.ts";
import type { MetadataStore, VersionRecord } from "../ports/metadata-store.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import { createListCursor, findListed } from "./find-listed.ts";
import { type ReadWhole, readWholeObject } from "./read-whole-object.ts";
import type { Finding, ObjectOfVersion } from "./reconcile-findings.ts";

export interface ReconcileVersionsOptions {
  readonly metadata: MetadataStore;
  readonly objects: ObjectStore;
  /** Given to read every object whole. */
  readonly deep?: Pick<ReadWhole, "newSha256" | "onBytes">;
  readonly signal?: AbortSignal;
  onFinding(finding: Finding): void;
  /** Told how many versions were looked at so far, after each page. */
  onProgress?(versions: number): void;
}

export interface VersionsReport {
  readonly versions: number;
  readonly derivatives: number;
}

/** Rows that are held in memory at a time. */
const pageSize = 500;

/** Objects that are read at the same time. */
const parallelReads = 4;

interface ExpectedObject {
  readonly object: ObjectOfVersion;
  readonly sizeBytes: number;
  readonly sha256?: string;
}

/**
 * Holds every version and derivative to its object: there, as long as its row says and, with `deep`, of the bytes that
 * were verified. Rows come in the order of keys, so that the store is asked for lists, a thousand objects a call; what
 * a list does not show, or shows otherwise, is asked for by itself before anything is said of it.
 */
export async function reconcileVersions(options: ReconcileVersionsOptions): Promise<VersionsReport> {
  const { metadata, objects, signal } = options;
  const listed = createListCursor(objects, storagePrefixRoot);
  const report = { versions: 0, derivatives: 0 };
  for (let after: string | undefined; ; ) {
    signal?.throwIfAborted();
    const page = await metadata.listVersions({ limit: pageSize, ...(after === undefined ? {} : { after }) });
    const sound: ExpectedObject[] = [];
    for (const expected of page.flatMap(objectsOf)) {
      signal?.throwIfAborted();
      const head = await listed(expected.object.key);
      if (head?.sizeBytes === expected.sizeBytes || (await agrees(options, expected))) sound.push(expected);
    }
    await readEach(options, sound);
    report.versions += page.length;
    for (const { derivatives } of page) report.derivatives += derivatives.length;
    options.onProgress?.(report.versions);
    after = page.at(-1)?.storagePrefix;
    if (page.length < pageSize) return report;
  }
}

/** A version's objects, in the order of their keys. */
function objectsOf({ fileId, version, ownerId, ...row }: VersionRecord): ExpectedObject[] {
  const of = { fileId, version, ownerId };
  return [
    { object: { ...of, key: row.key }, sizeBytes: row.sizeBytes, sha256: row.sha256 },
    ...row.derivatives.map(({ key, name, sizeBytes, sha256 }) => ({
      object: { ...of, key, derivative: name },
      sizeBytes,
      ...(sha256 === undefined ? {} : { sha256 }),
    })),
  ].sort((one, other) => (one.object.key < other.object.key ? -1 : 1));
}

/** Asks for one object by itself; what is found wrong then is told. */
async function agrees(
  { metadata, objects, onFinding }: ReconcileVersionsOptions,
  { object, sizeBytes }: ExpectedObject,
): Promise<boolean> {
  const head = await findListed(objects, object.key);
  if (head?.sizeBytes === sizeBytes) return true;
  if (await isPurged(metadata, object)) return false;
  if (!head) onFinding({ kind: "missing", ...object, mended: false });
  else onFinding(sizeDiffers(object, sizeBytes, head.sizeBytes));
  return false;
}

/** A purge deletes the row before the objects: one whose row is still here should have had its object just now. */
const isPurged = async (metadata: MetadataStore, { fileId, version }: ObjectOfVersion): Promise<boolean> =>
  (await metadata.findFileVersions([{ fileId, version }])).length === 0;

async function readEach(
  options: ReconcileVersionsOptions,
  expected: readonly ExpectedObject[],
): Promise<void> {
  const { deep, signal } = options;
  if (!deep) return;
  const left = expected.values();
  const readSome = async (): Promise<void> => {
    for (const each of left) {
      signal?.throwIfAborted();
      await holdToDigest(options, deep, each);
    }
  };
  await Promise.all(Array.from({ length: parallelReads }, readSome));
}

async function holdToDigest(
  { metadata, objects, signal, onFinding }: ReconcileVersionsOptions,
  deep: NonNullable<ReconcileVersionsOptions["deep"]>,
  { object, sizeBytes, sha256 }: ExpectedObject,
): Promise<void> {
  const whole = await readWholeObject({ ...deep, objects, ...(signal ? { signal } : {}) }, object.key);
  if (whole.outcome === "read" && whole.sizeBytes === sizeBytes && whole.sha256 === (sha256 ?? whole.sha256))
    return;
  if (await isPurged(metadata, object)) return;
  if (whole.outcome !== "read") onFinding({ kind: whole.outcome, ...object, mended: false });
  else if (whole.sizeBytes !== sizeBytes) onFinding(sizeDiffers(object, sizeBytes, whole.sizeBytes));
  else {
    const digests = { recordedSha256: sha256 ?? "", storedSha256: whole.sha256 };
    onFinding({ kind: "digest-differs", ...object, ...digests, mended: false });
  }
}

const sizeDiffers = (
  object: ObjectOfVersion,
  recordedSizeBytes: number,
  storedSizeBytes: number,
): Finding => ({ kind: "size-differs", ...object, recordedSizeBytes, storedSizeBytes, mended: false });
