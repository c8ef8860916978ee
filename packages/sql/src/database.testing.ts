import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock, CreateUploads, MetadataStore, NewUpload } from "@stowage/core";
import { metadataStoreOn } from "./metadata-store-on.ts";
import { migrate } from "./migrate.ts";
import { openSqlite, type SqliteConnection, stopWaiting } from "./sqlite-connection.ts";

export interface TestFolder {
  readonly file: string;
  remove(): void;
}

export function makeTestFolder(): TestFolder {
  const folder = mkdtempSync(join(tmpdir(), "stowage-sql-"));
  return { file: join(folder, "metadata.db"), remove: () => rmSync(folder, { recursive: true }) };
}

/** A store whose every statement is written down, in order. */
export interface RecordedStore {
  readonly store: MetadataStore & { close(): Promise<void> };
  readonly connection: SqliteConnection;
  readonly statements: string[];
}

export function recordedStore(
  file: string,
  {
    clock = { nowMs: () => Date.now() },
    busyTimeoutMs = 5000,
  }: { clock?: Clock; busyTimeoutMs?: number } = {},
): RecordedStore {
  const connection = openSqlite(file);
  migrate(connection);
  stopWaiting(connection);
  const statements: string[] = [];
  const recorded: SqliteConnection = {
    ...connection,
    all: (sql, ...values) => {
      statements.push(sql);
      return connection.all(sql, ...values);
    },
    get: (sql, ...values) => {
      statements.push(sql);
      return connection.get(sql, ...values);
    },
    run: (sql, ...values) => {
      statements.push(sql);
      return connection.run(sql, ...values);
    },
    exec: (sql) => {
      statements.push(sql);
      connection.exec(sql);
    },
  };
  return {
    store: metadataStoreOn(recorded, clock, busyTimeoutMs, new Uint8Array(32)),
    connection,
    statements,
  };
}

let counter = 0;

export function newItem(item: Partial<NewUpload> = {}): NewUpload {
  counter += 1;
  const id = `${process.pid.toString(16)}-${String(counter).padStart(8, "0")}`;
  return {
    id,
    fileId: `file-${id}`,
    name: "holiday.jpg",
    sizeBytes: 1000,
    contentType: "image/jpeg",
    sha256: "ab".repeat(32),
    profile: "default",
    metadata: {},
    landingKey: `uploads/${id}`,
    storagePrefix: `files/${id}`,
    ...item,
  };
}

const limits = {
  quotaBytes: 0,
  maxOpenUploads: 0,
  uploadLifetimeMs: 7 * 24 * 3600 * 1000,
  urlLifetimeMs: 600_000,
};

export const createOf = (
  ownerId: string,
  items: readonly NewUpload[],
  other: Partial<CreateUploads> = {},
) => ({
  ownerId,
  ...limits,
  ...other,
  items,
});

export const newOwner = async (store: MetadataStore, subject = "ann"): Promise<string> =>
  (await store.ensurePrincipal({ issuer: "https://issuer.example", subject, newId: `id-${subject}` })).id;
