export { type BegunMultipart, listBegunMultiparts } from "./begun-multiparts.ts";
export {
  createSqliteMetadataStore,
  type SqliteMetadataStoreOptions,
} from "./create-sqlite-metadata-store.ts";
export { type DatabaseExamination, examineSqliteDatabase } from "./examine-database.ts";
export type { ForeignPart } from "./find-foreign-parts.ts";
export { DatabaseTooNewError, DatabaseTooOldError } from "./migrate.ts";
export { listNeededObjects, type NeededObject } from "./needed-objects.ts";
export { type AuditLog, openAuditLog } from "./open-audit-log.ts";
