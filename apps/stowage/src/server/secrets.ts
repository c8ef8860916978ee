import { hkdfSync, randomBytes } from "node:crypto";
import { link, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

/** What only this data directory's processes know. */
export interface Secrets {
  /** 32 bytes, base64: encrypts every object of the embedded bucket. */
  readonly masterKey: string;
  readonly bucketAccessKeyId: string;
  readonly bucketSecretAccessKey: string;
  /** With it the bucket tells the API of what arrives. */
  readonly storeEventsSecret: string;
}

/**
 * Of a data directory that was made before there was such a secret. A file that holds the master key is not written
 * again for this.
 */
const derivedStoreEventsSecret = (masterKey: Buffer): string =>
  Buffer.from(hkdfSync("sha256", masterKey, "", "stowage store events", 30)).toString("base64url");

/** 32 bytes that seal the cookies of the web page's sessions: the same at every start, so that nobody is signed out by one. */
export const webSessionKeyOf = ({ masterKey }: Secrets): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", Buffer.from(masterKey, "base64"), "", "stowage web session", 32));

/** 32 bytes that sign capability tokens: the same at every start, so that guests and links stay in. */
export const capabilityKeyOf = ({ masterKey }: Secrets): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", Buffer.from(masterKey, "base64"), "", "stowage capability tokens", 32));

/** 32 bytes by which who deleted their account is known again: not in the database, and the same at every start. */
export const identityKeyOf = ({ masterKey }: Pick<Secrets, "masterKey">): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", Buffer.from(masterKey, "base64"), "", "stowage deleted identities", 32));

/**
 * The data directory's secrets; made at the first call, for the owner's eyes only (0600). Two first calls at once
 * agree on one.
 */
export async function openSecrets(dataDir: string): Promise<Secrets> {
  const file = secretsFile(dataDir);
  return (await read(file)) ?? (await create(file));
}

export const secretsFile = (dataDir: string): string => join(dataDir, "secrets.json");

/** Those that are there; `undefined` where there are none, and then none are made. */
export const readSecrets = (dataDir: string): Promise<Secrets | undefined> => read(secretsFile(dataDir));

async function read(file: string): Promise<Secrets | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
  const { masterKey, bucketAccessKeyId, bucketSecretAccessKey, storeEventsSecret } = JSON.parse(
    text,
  ) as Partial<Secrets>;
  if (
    typeof masterKey !== "string" ||
    Buffer.from(masterKey, "base64").length !== 32 ||
    typeof bucketAccessKeyId !== "string" ||
    typeof bucketSecretAccessKey !== "string" ||
    (storeEventsSecret !== undefined && typeof storeEventsSecret !== "string")
  )
    throw new Error(`${file} is damaged: without its master key the stored files can't be read.`);
  return {
    masterKey,
    bucketAccessKeyId,
    bucketSecretAccessKey,
    storeEventsSecret: storeEventsSecret ?? derivedStoreEventsSecret(Buffer.from(masterKey, "base64")),
  };
}

async function create(file: string): Promise<Secrets> {
  const secrets: Secrets = {
    masterKey: randomBytes(32).toString("base64"),
    bucketAccessKeyId: `STOWAGE${randomBytes(6).toString("hex").toUpperCase()}`,
    bucketSecretAccessKey: randomBytes(30).toString("base64url"),
    storeEventsSecret: randomBytes(30).toString("base64url"),
  };
  const temporary = `${file}.${randomBytes(4).toString("hex")}`;
  const handle = await open(temporary, "wx", 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(secrets, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(temporary, file);
    return secrets;
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
    const others = await read(file);
    if (!others) throw error;
    return others;
  } finally {
    await rm(temporary, { force: true });
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;
