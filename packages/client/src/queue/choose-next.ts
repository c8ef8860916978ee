import type { FileSource } from "../ports.ts";
import type { QueueItem } from "./queue-item.ts";
import { hasEnded } from "./upload-item.ts";

/** Items under way at once, verdicts included: a server lets a person have 1000 open uploads by default. */
const maxUnderWay = 800;

/** Those among them whose bytes are not sent yet: as many as can share a request to create them. */
const maxUnsent = 100;

/** So few are left before others begin, so that those are many at a time: they share requests. */
const fewUnsent = 50;

/** Larger than this, a file is not copied first where it can be sent at once. */
export const copyFirstBytes = 64_000_000;

/** Of so many that begin, one is the oldest; the others are the smallest. */
const oldestEvery = 4;

/**
 * Which items begin now, in that order: small ones first, for a person sees more done; but each gets its turn.
 *
 * @param begun - how many have begun so far
 */
export function chooseNext<Source extends FileSource>(
  items: readonly QueueItem<Source>[],
  begun: number,
): readonly QueueItem<Source>[] {
  let underWay = 0;
  let unsent = 0;
  for (const { run, stage } of items)
    if (run !== undefined) {
      underWay += 1;
      if (stage !== "checking") unsent += 1;
    }
  if (unsent > fewUnsent) return [];
  const oldest = items.filter(mayBegin);
  const room = Math.min(maxUnderWay - underWay, maxUnsent - unsent);
  if (oldest.length <= 1 || room <= 0) return oldest.slice(0, Math.max(0, room));
  const smallest = [...oldest].sort((one, other) => one.sizeBytes - other.sizeBytes);
  const chosen = new Set<QueueItem<Source>>();
  const cursor = { oldest: 0, smallest: 0 };
  while (chosen.size < room && chosen.size < oldest.length) {
    const from = (begun + chosen.size) % oldestEvery === oldestEvery - 1 ? "oldest" : "smallest";
    const list = from === "oldest" ? oldest : smallest;
    for (let item = list[cursor[from]]; item && chosen.has(item); item = list[cursor[from]])
      cursor[from] += 1;
    const item = list[cursor[from]];
    if (item) chosen.add(item);
  }
  return [...chosen];
}

const mayBegin = <Source extends FileSource>(item: QueueItem<Source>): boolean =>
  item.run === undefined &&
  item.twinOf === undefined &&
  !hasEnded(item) &&
  (item.state === "saved" ||
    (item.state === "saving" && item.sizeBytes > copyFirstBytes && item.source !== undefined));
