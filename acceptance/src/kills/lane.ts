import { downloadAny, purgeVersion, replace, restoreVersion, settle } from "./history.ts";
import { type KeptFile, purge, rename, restore, trash } from "./kept-file.ts";
import { type Client, type Sending, sendOne } from "./sending.ts";

/** What one person does in one window, one thing after the other. */
export interface Lane {
  readonly client: Client;
  readonly sendings: Sending[];
  /** Those of which it was seen what became of them. */
  readonly settled: Set<Sending>;
  readonly files: KeptFile[];
  /** Things done so far. */
  steps: number;
}

const sendWeights = { photo: 60, junk: 12, video: 14 } as const;
const endWeights = { complete: 70, unsaid: 12, abort: 18 } as const;
const changes = {
  ...{ download: downloadAny, rename, trash, restore, purge },
  ...{ replace, "restore-version": restoreVersion, "purge-version": purgeVersion },
} as const;
const changeWeights: Readonly<Record<keyof typeof changes, number>> = {
  ...{ download: 28, rename: 14, trash: 13, restore: 0, purge: 9 },
  ...{ replace: 32, "restore-version": 14, "purge-version": 8 },
};
/** Of a file that has a history. */
const changeOfManyWeights: typeof changeWeights = {
  ...{ download: 24, rename: 8, trash: 9, restore: 0, purge: 5 },
  ...{ replace: 22, "restore-version": 18, "purge-version": 16 },
};
const changeInTrashWeights: typeof changeWeights = {
  ...{ download: 0, rename: 0, trash: 0, restore: 60, purge: 40 },
  ...{ replace: 0, "restore-version": 0, "purge-version": 0 },
};

export async function runLane(lane: Lane, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const isFile = lane.client.random.next() < (lane.files.length < 2 ? 0.5 : 0.7);
    const file = isFile ? await pickFile(lane) : undefined;
    if (file) await changes[pickChange(lane, file)](lane, file);
    else {
      const { random } = lane.client;
      const kind = random.pickWeighted(sendWeights);
      lane.sendings.push(await sendOne(lane.client, kind, random.pickWeighted(endWeights)));
    }
    lane.steps += 1;
  }
}

const pickChange = ({ client: { random } }: Lane, { state, versions }: KeptFile) =>
  random.pickWeighted<keyof typeof changes>(
    state === "trashed" ? changeInTrashWeights : versions.size > 1 ? changeOfManyWeights : changeWeights,
  );

/** A file of this lane's that is there to be changed; a sending that has become one since is one from now on. */
async function pickFile(lane: Lane): Promise<KeptFile | undefined> {
  const { client, sendings, settled, files } = lane;
  const waiting = sendings.filter((each) => !settled.has(each));
  if (waiting.length > 0) await settle(lane, client.random.pick(waiting));
  const there = files.filter(({ state }) => state !== "purged");
  return there.length > 0 ? client.random.pick(there) : undefined;
}
