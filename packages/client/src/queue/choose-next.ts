import type { FileSource } from "../ports.ts";
import type { QueueItem } from "./queue-item.ts";
import type { QueueState } from "./queue-state.ts";
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
 * Which items begin now, in that order: small ones first, for a person sees more done; but each gets its turn. Many at
 * once, so that those are looked through seldom that wait.
 */
export function chooseNext<Source extends FileSource>({
  items,
  counts: [underWay, unsent, waiting],
  begun,
}: QueueState<Source>): readonly QueueItem<Source>[] {
  if (waiting === 0 || unsent > fewUnsent || underWay > maxUnderWay - fewUnsent) return [];
  const oldest = items.filter(mayBegin);
  const most = Math.min(maxUnderWay - underWay, maxUnsent - unsent, oldest.length);
  const byAge = oldest.values();
  const bySize = [...oldest].sort((one, other) => one.sizeBytes - other.sizeBytes).values();
  const chosen = new Set<QueueItem<Source>>();
  for (let size = 0; size < most; size = chosen.size)
    for (const item of (begun + size) % oldestEvery === oldestEvery - 1 ? byAge : bySize)
      if (chosen.add(item).size > size) break;
  return [...chosen];
}

export const mayBegin = (item: QueueItem<FileSource>): boolean =>
  item.run === undefined &&
  item.twinOf === undefined &&
  !hasEnded(item) &&
  (item.state === "saved" ||
    (item.state === "saving" && item.sizeBytes > copyFirstBytes && item.source !== undefined));
