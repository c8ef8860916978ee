export {
  createSqliteMetadataStore,
  type SqliteMetadataStoreOptions,
} from "./create-sqlite-metadata-store.ts";
export { DatabaseTooNewError } from "./migrate.ts";
