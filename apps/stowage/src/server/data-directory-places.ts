import { join } from "node:path";

/** Where each part keeps its files below a data directory. */
export const databaseFile = (dataDir: string): string => join(dataDir, "stowage.sqlite");
export const bucketDirectory = (dataDir: string): string => join(dataDir, "bucket");
export const issuerDirectory = (dataDir: string): string => join(dataDir, "issuer");
export const temporaryDirectory = (dataDir: string): string => join(dataDir, "tmp");
