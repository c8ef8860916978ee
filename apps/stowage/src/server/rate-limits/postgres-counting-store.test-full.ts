import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Pool } from "pg";
import { createPostgresCountingStore } from "./postgres-counting-store.ts";
import { startPostgres } from "./start-postgres.testing.ts";
import type { StoreServer } from "./start-redis.testing.ts";

let server: StoreServer;
let pool: Pool;
before(async () => {
  server = await startPostgres();
  pool = new Pool({ connectionString: server.url });
});
after(async () => {
  await pool?.end();
  await server?.stop();
});

test("however many processes make the table at once, each of them counts", async () => {
  for (let round = 0; round < 60; round += 1) {
    await pool.query("DROP TABLE IF EXISTS stowage_rate_limits");
    const stores = Array.from({ length: 8 }, () => createPostgresCountingStore(server.url));
    try {
      // Whoever connects late meets a table that is there.
      const limiters = await Promise.all(stores.map((store) => store.open("creates", 8)));
      const counts = await Promise.all(limiters.map((limiter) => limiter.consume("ann", 1)));
      assert.deepEqual(counts.map(({ consumedPoints }) => consumedPoints).sort(), [1, 2, 3, 4, 5, 6, 7, 8]);
    } finally {
      await Promise.all(stores.map((store) => store.close()));
    }
  }
});
