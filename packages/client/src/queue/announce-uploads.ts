import type { QueueTotals } from "./queue-totals.ts";
import { isHeldUp, type UploadItem } from "./upload-item.ts";
import type { UploadQueueSnapshot } from "./upload-queue.ts";

/** What is said; each may be said in words of your own. */
export interface AnnouncementWords {
  added(files: number): string;
  /** One that was rejected or has failed. */
  problem(item: UploadItem): string;
  /** Several at once. */
  problems(items: readonly UploadItem[]): string;
  /** The first that waits for the network or for a sign-in. */
  heldUp(item: UploadItem): string;
  /** Nothing is on its way any more. */
  ended(totals: QueueTotals): string;
}

const files = (count: number): string => (count === 1 ? "1 file" : `${count} files`);

export const englishWords: AnnouncementWords = {
  added: (count) => `${files(count)} added.`,
  problem: ({ name, state, problem }) =>
    `${name} ${state === "rejected" ? "was rejected" : "could not be sent"}: ${problem?.detail ?? ""}`,
  problems: ({ length }) => `${files(length)} could not be sent.`,
  heldUp: ({ problem }) => `Waiting. ${problem?.detail ?? ""}`,
  ended({ ready, rejected, failed, cancelled }) {
    const others = [
      rejected > 0 && `${rejected} rejected`,
      failed > 0 && `${failed} failed`,
      cancelled > 0 && `${cancelled} cancelled`,
    ].filter(Boolean);
    return `Done: ${[`${files(ready)} ready`, ...others].join(", ")}.`;
  },
};

/**
 * What somebody who does not see the list is told when a queue has changed: seldom, and one thing only, the most
 * important.
 *
 * @returns `undefined` where nothing needs saying
 */
export function announceUploads(
  before: UploadQueueSnapshot,
  now: UploadQueueSnapshot,
  words: AnnouncementWords = englishWords,
): string | undefined {
  if (now.items === before.items) return undefined;
  if (before.totals.active > 0 && now.totals.active === 0 && now.totals.files > 0)
    return words.ended(now.totals);
  const known = new Map(before.items.map((item) => [item.id, item]));
  const isNew = (isSo: (item: UploadItem) => boolean) => (item: UploadItem) => {
    const earlier = known.get(item.id);
    return isSo(item) && !(earlier && isSo(earlier));
  };
  const problems = now.items.filter(isNew(({ state }) => state === "rejected" || state === "failed"));
  const [problem] = problems;
  if (problem) return problems.length === 1 ? words.problem(problem) : words.problems(problems);
  const heldUp = now.items.find(isHeldUp);
  if (heldUp && before.totals.heldUp === 0) return words.heldUp(heldUp);
  const added = now.items.filter(({ id }) => !known.has(id)).length;
  return added > 0 ? words.added(added) : undefined;
}
