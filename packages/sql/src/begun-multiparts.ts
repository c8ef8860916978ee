import { DatabaseSync } from "node:sqlite";

/** A pending upload in parts that was begun in the store. */
export interface BegunMultipart {
  readonly uploadId: string;
  readonly storeUploadId: string;
  /** Where its object would be. */
  readonly landingKey: string;
}

/** Those of a database file of this version that nobody writes to. */
export function listBegunMultiparts(file: string): BegunMultipart[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database
      .prepare(
        `SELECT id AS uploadId, store_upload_id AS storeUploadId, landing_key AS landingKey FROM uploads
         WHERE state = 'pending' AND store_upload_id IS NOT NULL`,
      )
      .all() as unknown as BegunMultipart[];
  } finally {
    database.close();
  }
}
