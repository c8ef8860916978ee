import { randomBytes } from "node:crypto";
import { access } from "node:fs/promises";
import { createBucketServer, HardLinksLostError, MasterKeyMismatchError } from "@stowage/bucket";
import {
  type MetadataStore,
  MetadataUnavailableError,
  type ObjectStore,
  StoreUnavailableError,
} from "@stowage/core";
import { createS3ObjectStore, type S3ObjectStoreOptions } from "@stowage/s3";
import { createSqliteMetadataStore, DatabaseTooNewError, DatabaseTooOldError } from "@stowage/sql";
import { CommandError } from "../cli/command.ts";
import { bucketDirectory, databaseFile } from "./data-directory-places.ts";
import { embeddedCapabilities } from "./embedded-capabilities.ts";
import { bucketName, bucketRegion } from "./process-setup.ts";
import { identityKeyOf, readSecrets, type Secrets, secretsFile } from "./secrets.ts";

export interface DataDirectoryStores {
  readonly metadata: MetadataStore;
  readonly objects: ObjectStore;
}

/**
 * Works with a data directory's rows and objects, whether its server runs or not: the database takes several processes,
 * and so does the bucket's directory, so that this process serves it to itself, on a free port of the loopback address
 * with credentials that nobody else has.
 *
 * @param changesNothing the database of an older Stowage is refused, not brought up to date. Default `false`
 * @throws CommandError for what a person can do something about
 */
export async function withDataDirectoryStores<T>(
  dataDir: string,
  work: (stores: DataDirectoryStores) => Promise<T>,
  { changesNothing = false }: { readonly changesNothing?: boolean } = {},
): Promise<T> {
  const secrets = await readSecrets(dataDir);
  if (!secrets || !(await exists(databaseFile(dataDir))))
    throw new CommandError(
      `${dataDir} holds no ${secrets ? databaseFile(dataDir) : secretsFile(dataDir)}: no server was ever started there, or it was lost. Name another directory with --data DIR.`,
    );
  try {
    await using bucket = await serveBucket(dataDir, secrets);
    const metadata = await createSqliteMetadataStore({
      file: databaseFile(dataDir),
      migrates: !changesNothing,
      identityKey: identityKeyOf(secrets),
    });
    try {
      return await work({ metadata, objects: bucket.objects });
    } finally {
      await metadata.close();
    }
  } catch (error) {
    if (isForPerson(error)) throw new CommandError(error.message, 1, { cause: error });
    throw error;
  }
}

const isForPerson = (error: unknown): error is Error =>
  [
    DatabaseTooNewError,
    DatabaseTooOldError,
    HardLinksLostError,
    MasterKeyMismatchError,
    MetadataUnavailableError,
    StoreUnavailableError,
  ].some((type) => error instanceof type);

export interface ServeBucketOptions {
  /** The bucket's clock, which dates what is stored. Default the system's. */
  readonly now?: () => Date;
  /** Default none. */
  readonly corsOrigins?: readonly string[];
}

export interface ServedBucket extends AsyncDisposable {
  readonly objects: ObjectStore;
  /** How this process, and nobody else, reaches it. */
  readonly access: Pick<S3ObjectStoreOptions, "endpoint" | "region" | "bucket" | "credentials">;
}

/** The bucket of a data directory, served by this process to itself until it is disposed of. */
export async function serveBucket(
  dataDir: string,
  { masterKey }: Pick<Secrets, "masterKey">,
  { now = () => new Date(), corsOrigins = [] }: ServeBucketOptions = {},
): Promise<ServedBucket> {
  const credentials = {
    accessKeyId: "STOWAGECOMMAND",
    secretAccessKey: randomBytes(30).toString("base64url"),
  };
  const place = { bucket: bucketName, region: bucketRegion };
  const server = createBucketServer({
    ...place,
    directory: bucketDirectory(dataDir),
    credentials: [credentials],
    masterKey: Buffer.from(masterKey, "base64"),
    closeTimeoutMs: 1_000,
    now,
    corsOrigins,
    // What crashes left is the server's to remove: it may be at work in this directory, in a container whose processes
    // can't be seen from here.
    sweeps: false,
  });
  const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
  const access = { ...place, endpoint: `http://127.0.0.1:${port}`, credentials };
  return {
    access,
    objects: createS3ObjectStore({
      ...access,
      capabilities: embeddedCapabilities,
      maxRetries: 1,
      now: () => now().getTime(),
    }),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    // What can't be reached is as good as missing, and is told as that.
    return false;
  }
}
