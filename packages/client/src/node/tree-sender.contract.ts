// A program that sends a folder's files by a queue that outlives it, and can be killed and started again: for tests.
//   node --conditions=source tree-sender.contract.ts SERVER TREE FOLDER
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createUploadQueue } from "../queue/create-upload-queue.ts";
import { type NodeSource, nodeSource } from "./node-source.ts";
import { createNodeUploader } from "./node-uploader.ts";
import { openNodeQueue } from "./open-node-queue.ts";

const [server = "", tree = "", folder = ""] = process.argv.slice(2);
const hasAdded = join(folder, "added");
const { store, lock } = await openNodeQueue({ directory: folder, owner: "someone" });
const before = await store.load();
const queue = createUploadQueue(createNodeUploader({ server, getToken: async () => "token" }), {
  queue: { store, lock },
});
const sourceOf = (name: string) => nodeSource(join(tree, name));

if (before.length === 0 && !existsSync(hasAdded)) {
  const sources: NodeSource[] = [];
  for (const name of readdirSync(tree)) sources.push(await sourceOf(name));
  process.stdout.write("adding\n");
  queue.add(sources);
  await queue.whenStored();
} else process.stdout.write(`going on with ${before.length}\n`);
writeFileSync(hasAdded, "");

await new Promise<void>((resolve) => {
  const look = () => queue.getSnapshot().items.length >= before.length && resolve();
  queue.subscribe(look);
  look();
});
// Added, and killed before it was kept: what the person does then.
for (const { id, state, name } of queue.getSnapshot().items)
  if (state === "needs-file") queue.attach(id, await sourceOf(name));
await queue.whenIdle();
await queue.whenStored();
const states = queue.getSnapshot().items.map(({ state, problem }) => problem?.code ?? state);
process.stdout.write(
  `${JSON.stringify({
    states: [...new Set(states)],
    left: (await store.load()).length,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  })}\n`,
);
process.exit(0);
