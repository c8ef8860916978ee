// A process that creates uploads of so many people in one turn of the event loop, between two looks for files that are
// not there, by which a trace of its system calls shows where that is.
//   node create-together.testing.ts <database> <how many>
import { existsSync } from "node:fs";
import { createSqliteMetadataStore } from "./create-sqlite-metadata-store.ts";
import { createTogether, manyOwners } from "./many-creates.testing.ts";

const [file = "", howMany = ""] = process.argv.slice(2);
const store = await createSqliteMetadataStore({ file });
const owners = await manyOwners(store, Number(howMany));
for (const label of ["first", "second"]) {
  existsSync(`${file}.before-${label}`);
  await createTogether(store, owners);
  existsSync(`${file}.after-${label}`);
}
await store.close();
