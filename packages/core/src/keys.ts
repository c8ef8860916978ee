import type { IdSource } from "./ports/id-source.ts";
import type { UploadRecord } from "./upload.ts";

/** Where clients' bytes land; nothing in it is ever served. */
export const landingPrefix = "uploads/";

/** Where verified bytes live, private. */
export const storagePrefixRoot = "files/";

/** Key for one client's PUT: at least 128 random bits. */
export const newLandingKey = (ids: IdSource): string => `${landingPrefix}${ids.newKeyPart()}`;

/** Prefix for all keys of an upload's attempts. */
export const newStoragePrefix = (ids: IdSource): string => `${storagePrefixRoot}${ids.newKeyPart()}`;

/** The private copy that attempt `attempt` verifies, and that is served once it is ready. */
export const contentKey = (upload: Pick<UploadRecord, "storagePrefix">, attempt: number): string =>
  `${upload.storagePrefix}/${attempt}/original`;

/** Where a multipart lands and stays. Attempts count from 1, so none of them writes there. */
export const multipartKey = (upload: Pick<UploadRecord, "storagePrefix">): string => contentKey(upload, 0);

/**
 * Where a derivative is put that is made after its version was ready: below the version's prefix, under a name of the attempt's
 * own, since one that was given up may still be writing.
 *
 * @param versionKey the key of the version's content
 */
export const laterDerivativeKey = (
  versionKey: string,
  { attempt, keyPart, name, page }: { attempt: number; keyPart: string; name: string; page: number },
): string =>
  `${versionKey.split("/").slice(0, 2).join("/")}/m/${attempt}-${keyPart}/${name}${page === 0 ? "" : `-${page}`}`;

export const derivativeKey = (
  upload: Pick<UploadRecord, "storagePrefix">,
  attempt: number,
  name: string,
): string => `${upload.storagePrefix}/${attempt}/d/${name}`;

/** Where archives are, private, until they end. */
export const archivesPrefix = "archives/";

/** Prefix for all keys of an archive. */
export const newArchivePrefix = (ids: IdSource): string => `${archivesPrefix}${ids.newKeyPart()}`;

/** Of an attempt's own, since one that was given up may still be writing. `number` counts from 1. */
export const archivePartKey = (keyPrefix: string, attempt: number, number: number): string =>
  `${keyPrefix}/${attempt}/${number}`;
