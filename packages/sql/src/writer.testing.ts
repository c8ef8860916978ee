// A process that creates uploads, one after another, and says each id once it was acknowledged.
//   node writer.testing.ts <database> <how many>
import { createSqliteMetadataStore } from "./create-sqlite-metadata-store.ts";
import { createOf, newItem, newOwner } from "./database.testing.ts";

const [file = "", howMany = ""] = process.argv.slice(2);
const store = await createSqliteMetadataStore({ file, busyTimeoutMs: 20_000 });
const ownerId = await newOwner(store);
for (let index = 0; index < Number(howMany); index += 1) {
  const item = newItem();
  const [outcome] = await store.createUploads(createOf(ownerId, [item]));
  if (outcome?.outcome !== "created") throw new Error(`not created: ${outcome?.outcome}`);
  process.stdout.write(`${item.id}\n`);
}
await store.close();
