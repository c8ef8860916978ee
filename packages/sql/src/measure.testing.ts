// Prints what creates and lists cost beside a bare INSERT, committed and synced alike, in the same minute on the same
// disk: node --conditions=source packages/sql/src/measure.testing.ts
import { createOf, makeTestFolder, newItem, newOwner, recordedStore } from "./database.testing.ts";
import { openSqlite } from "./sqlite-connection.ts";

/** Many short turns each, so that what else the machine does falls on all alike. */
const rounds = 15;
const seconds = 0.4;

/** Operations a second. */
async function rate(operation: () => Promise<unknown> | unknown, operationsEach = 1): Promise<number> {
  const fromMs = performance.now();
  let count = 0;
  while (performance.now() - fromMs < seconds * 1000) {
    await operation();
    count += operationsEach;
  }
  return (count * 1000) / (performance.now() - fromMs);
}

const folder = makeTestFolder();
const bare = openSqlite(`${folder.file}.bare`);
bare.exec("CREATE TABLE rows (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID");
const { store, connection } = recordedStore(folder.file);
const ownerId = await newOwner(store);
const create = () => store.createUploads(createOf(ownerId, [newItem()]));

const lister = await newOwner(store, "lister");
connection.exec("BEGIN");
const columns =
  "id, owner_id, file_id, state, name, size_bytes, content_type, sha256, profile, metadata, landing_key, storage_prefix, created_at, expires_at, urls_until";
for (let index = 0; index < 100_000; index += 1)
  connection.run(
    `INSERT INTO uploads (${columns}) VALUES (?1, ?2, ?1, 'ready', 'a.jpg', 1, 'image/jpeg', '', '', '{}', ?1, ?1, ?3, 0, 0)`,
    `row-${String(index).padStart(6, "0")}`,
    lister,
    index,
  );
connection.exec("COMMIT");

let bareCount = 0;
const insertBare = () => {
  bareCount += 1;
  bare.run("INSERT INTO rows (id, body) VALUES (?, ?)", `row-${bareCount}`, "x".repeat(300));
};
const measured: { one: number; fifty: number; list: number }[] = [];
for (let round = 0; round < rounds; round += 1) {
  const inserts = await rate(insertBare);
  const one = await rate(create);
  const fifty = await rate(() => Promise.all(Array.from({ length: 50 }, create)), 50);
  const list = await rate(() =>
    store.listUploads({ ownerId: lister, limit: 50, after: { createdAtMs: 50_000, id: "z" } }),
  );
  measured.push({ one: one / inserts, fifty: fifty / inserts, list: list / inserts });
  const absolute = [inserts, one, fifty, list].map((each) => Math.round(each)).join(" ");
  process.stdout.write(
    `round ${round + 1}: bare INSERTs, creates, creates by 50, lists a second: ${absolute}\n`,
  );
}
for (const name of ["one", "fifty", "list"] as const) {
  const ratios = measured.map((each) => each[name]).sort((a, b) => a - b);
  const median = ratios[(rounds - 1) / 2]?.toFixed(2);
  process.stdout.write(`${name}: ${median} of the bare INSERT's rate\n`);
}
await store.close();
bare.close();
folder.remove();
