import type { QueueTotals, UploadItem } from "@stowage/react";

const percent = (fraction: number): number => Math.min(100, Math.floor(fraction * 100));

/** Where a file stands, in a word or a sentence. */
export function uploadState(item: Pick<UploadItem, "state" | "fraction" | "problem">): string {
  switch (item.state) {
    case "saving":
      return "Keeping it on this device";
    case "saved":
      return "Waiting";
    case "waiting-for-network":
      return "Waiting for the server";
    case "waiting-for-sign-in":
      return item.problem?.code === "other-person"
        ? "Waiting: somebody else is signed in"
        : "Waiting for a sign-in";
    case "needs-file":
      return "Add the file again: its bytes are no longer on this device";
    case "paused":
      return `Paused at ${percent(item.fraction)} %`;
    case "sending":
      return `Sending ${percent(item.fraction)} %`;
    case "checking":
      return "Checking";
    case "ready":
      return "Ready";
    case "rejected":
      return `Rejected: ${item.problem?.detail ?? "it did not pass the checks."}`;
    case "failed":
      return `Failed: ${item.problem?.detail ?? "it could not be sent."}`;
    case "cancelled":
      return "Cancelled";
  }
}

const count = (number: number, one: string, many: string): string =>
  `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

const files = (number: number): string => count(number, "file", "files");

/** All uploads in a line. */
export function uploadSummary(totals: QueueTotals): string {
  const { active, checking, heldUp, ready, rejected, failed, paused } = totals;
  const needed = totals["needs-file"];
  if (active > 0) {
    if (heldUp > 0 && heldUp === active) return `${files(active)} waiting for the server`;
    const done = totals.files - totals.cancelled - active;
    const all = totals.files - totals.cancelled;
    if (paused > 0 && paused === active) return `${files(active)} paused`;
    if (needed > 0 && needed === active) return `${files(active)} to be added again`;
    if (checking === active) return `Checking ${files(checking)}`;
    return `Uploading ${(done + 1).toLocaleString("en")} of ${files(all)}`;
  }
  const ended = [
    ...(ready > 0 ? [`${files(ready)} ready`] : []),
    ...(rejected > 0 ? [`${rejected.toLocaleString("en")} rejected`] : []),
    ...(failed > 0 ? [`${failed.toLocaleString("en")} failed`] : []),
  ];
  return ended.length > 0 ? ended.join(", ") : "Nothing uploaded";
}
