import { rateLimitWindowMs } from "@stowage/api";
import { Pool } from "pg";
import { RateLimiterPostgres } from "rate-limiter-flexible";
import { blocksInMemory, type CountingStore, storeTimeoutMs } from "./counting-store.ts";

const tableName = "stowage_rate_limits";

/** Not logged: counts of a minute need not outlive a crash, and every request writes two. */
const createTable = `CREATE UNLOGGED TABLE IF NOT EXISTS ${tableName} (
  key varchar(255) PRIMARY KEY, points integer NOT NULL DEFAULT 0, expire bigint
)`;

/**
 * Of two that make the table at once one fails, though it says IF NOT EXISTS: unique_violation, duplicate_table or, of the
 * table's row type, duplicate_object (PostgreSQL, appendix A).
 */
const isMadeAlready: ReadonlySet<unknown> = new Set(["23505", "42P07", "42710"]);

/** Counts in a table of PostgreSQL, which is made where it is not there. Rows that ended an hour ago are deleted. */
export function createPostgresCountingStore(url: string): CountingStore {
  const pool = new Pool({
    connectionString: url,
    application_name: "stowage",
    max: 4,
    connectionTimeoutMillis: storeTimeoutMs,
    query_timeout: storeTimeoutMs,
    statement_timeout: storeTimeoutMs,
    allowExitOnIdle: true,
  });
  // Of a connection that waits in the pool. The next query says that there is none.
  pool.on("error", () => undefined);
  let made = false;
  return {
    open: async (what, perMinute) => {
      if (!made) {
        await pool.query(createTable).catch((error: unknown) => {
          if (!(error instanceof Error && "code" in error && isMadeAlready.has(error.code))) throw error;
        });
        made = true;
      }
      return new RateLimiterPostgres({
        storeClient: pool,
        storeType: "pool",
        tableName,
        tableCreated: true,
        keyPrefix: what,
        points: perMinute,
        duration: rateLimitWindowMs / 1000,
        ...blocksInMemory(what, perMinute),
      });
    },
    close: () => pool.end(),
  };
}
