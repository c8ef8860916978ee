// A process that creates uploads, one after another or several at once, and says each id once it was acknowledged.
//   node writer.testing.ts <database> <how many> [at once]
import { createSqliteMetadataStore } from "./create-sqlite-metadata-store.ts";
import { createOf, newItem, newOwner } from "./database.testing.ts";

const [file = "", howMany = "", atOnce = "1"] = process.argv.slice(2);
const store = await createSqliteMetadataStore({ file, busyTimeoutMs: 20_000 });
const ownerId = await newOwner(store);
let left = Number(howMany);
const write = async (): Promise<void> => {
  for (; left > 0; ) {
    left -= 1;
    const item = newItem();
    const [outcome] = await store.createUploads(createOf(ownerId, [item]));
    if (outcome?.outcome !== "created") throw new Error(`not created: ${outcome?.outcome}`);
    process.stdout.write(`${item.id}\n`);
  }
};
await Promise.all(Array.from({ length: Number(atOnce) }, write));
await store.close();
