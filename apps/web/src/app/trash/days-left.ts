/** How long the trash keeps a file: the server's sweeper deletes it after 30 days. */
export const trashDays = 30;

const dayMs = 86_400_000;

/** Whole days until a trashed file is deleted for good, in words. */
export function daysLeft(trashedAt: string, now: Date): string {
  const days = Math.ceil((Date.parse(trashedAt) + trashDays * dayMs - now.getTime()) / dayMs);
  if (days <= 0) return "Deleted today";
  return days === 1 ? "1 day left" : `${days} days left`;
}
