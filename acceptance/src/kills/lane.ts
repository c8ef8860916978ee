import { getUpload } from "../harness/upload.ts";
import { download, type KeptFile, keep, purge, rename, restore, trash } from "./kept-file.ts";
import { type Client, type Sending, sendOne } from "./sending.ts";

/** What one person does in one window, one thing after the other. */
export interface Lane {
  readonly client: Client;
  readonly sendings: Sending[];
  readonly files: KeptFile[];
  /** Things done so far. */
  steps: number;
}

const sendWeights = { photo: 60, junk: 12, video: 14 } as const;
const endWeights = { complete: 70, unsaid: 12, abort: 18 } as const;
const changeWeights = { download: 40, rename: 25, trash: 20, restore: 0, purge: 15 } as const;
const changeInTrashWeights = { download: 0, rename: 0, trash: 0, restore: 60, purge: 40 } as const;
const changes = { download, rename, trash, restore, purge } as const;

export async function runLane(lane: Lane, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const file = lane.client.random.next() < 0.5 ? await pickFile(lane) : undefined;
    if (file) await changes[pickChange(lane, file)](lane.client, file);
    else {
      const { random } = lane.client;
      const kind = random.pickWeighted(sendWeights);
      lane.sendings.push(await sendOne(lane.client, kind, random.pickWeighted(endWeights)));
    }
    lane.steps += 1;
  }
}

const pickChange = ({ client: { random } }: Lane, { state }: KeptFile) =>
  random.pickWeighted<keyof typeof changes>(state === "ready" ? changeWeights : changeInTrashWeights);

/** A file of this lane's that is there to be changed; a sending that has become one since is one from now on. */
async function pickFile({ client, sendings, files }: Lane): Promise<KeptFile | undefined> {
  const known = new Set(files.map(({ sending }) => sending));
  const waiting = sendings.filter((each) => each.isGood && !each.isAborted && !known.has(each));
  if (waiting.length > 0) {
    const sending = client.random.pick(waiting);
    if ((await getUpload(client.api, sending.uploadId)).state === "ready") files.push(keep(sending));
  }
  const there = files.filter(({ state }) => state !== "purged");
  return there.length > 0 ? client.random.pick(there) : undefined;
}
