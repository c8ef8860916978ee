// A program that writes to a queue until it is killed, and says what it has done: for tests.
//   node --conditions=source queue-writer.contract.ts FOLDER FILE
import { writeSync } from "node:fs";
import { rowOf } from "../queue/queue-store.contract.ts";
import { openFileQueueStore } from "./file-queue-store.ts";
import { nodeSource } from "./node-source.ts";

const [folder = "", path = ""] = process.argv.slice(2);
const store = await openFileQueueStore(folder, "owner");
const source = await nodeSource(path);
const { signal } = new AbortController();

/** Where the last one was killed. */
const first = Number(process.argv[4] ?? 0);
for (let batch = first; ; batch += 1) {
  const ids = Array.from({ length: 1 + (batch % 40) }, (_, index) => `${batch}-${index}`);
  const row = (id: string) => rowOf(id, batch, { sizeBytes: source.sizeBytes });
  await store.write(ids.map(row));
  writeSync(1, `written ${batch}\n`);
  const [kept = ""] = ids;
  await store.keep(kept, source, signal);
  await store.write([{ ...row(kept), isKept: true }]);
  writeSync(1, `kept ${batch}\n`);
  if (batch % 3 !== 2) continue;
  await store.erase(ids);
  writeSync(1, `erased ${batch}\n`);
}
