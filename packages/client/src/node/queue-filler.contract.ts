// A program that writes to a queue until there is no room, and says what is there then: for tests.
//   node --conditions=source queue-filler.contract.ts FOLDER FILE
import { rowOf } from "../queue/queue-store.contract.ts";
import { openFileQueueStore } from "./file-queue-store.ts";
import { nodeSource } from "./node-source.ts";

const [folder = "", path = ""] = process.argv.slice(2);
const store = await openFileQueueStore(folder, "owner");
const source = await nodeSource(path);
const { signal } = new AbortController();
const name = "x".repeat(2000);
const codeOf = (error: unknown) => (error instanceof Error && "code" in error ? error.code : String(error));

let written = 0;
let code: unknown;
while (code === undefined)
  try {
    await store.write(
      Array.from({ length: 10 }, (_, index) => rowOf(`${written}-${index}`, written, { name })),
    );
    written += 1;
  } catch (error) {
    code = codeOf(error);
  }
const rows = await store.load();
let kept = 0;
let keepCode: unknown;
while (keepCode === undefined)
  try {
    await store.keep(`${kept}`, source, signal);
    kept += 1;
  } catch (error) {
    keepCode = codeOf(error);
  }
const leftSource = await store.source(rowOf(`${kept}`, 0, { sizeBytes: source.sizeBytes }));
store.close();
const again = await openFileQueueStore(folder, "owner");
const after = await again.load();
again.close();
process.stdout.write(
  JSON.stringify({
    code,
    keepCode,
    written,
    rows: rows.length,
    after: after.length,
    isNothingKept: leftSource === undefined,
  }),
);
