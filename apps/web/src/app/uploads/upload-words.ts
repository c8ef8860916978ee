import type { QueueTotals, UploadItem } from "@stowage/react";
import { formatSize } from "../format/format-size.ts";

const percent = (fraction: number): number => Math.min(100, Math.floor(fraction * 100));

/** Where a file stands, in a word or a sentence. */
export function uploadState(
  item: Pick<UploadItem, "state" | "fraction" | "problem"> & { readonly isKept?: boolean },
): string {
  switch (item.state) {
    case "saving":
      return "Keeping it on this device";
    case "saved":
      return "Waiting";
    case "waiting-for-network":
      if (item.problem?.code === "unexpected-answer") return `Waiting: ${item.problem.detail}`;
      return item.isKept ? "Waiting for the server, kept on this device" : "Waiting for the server";
    case "waiting-for-sign-in":
      return item.problem?.code === "other-person"
        ? "Waiting: somebody else is signed in"
        : "Waiting for a sign-in";
    case "needs-file":
      return "No longer on this device";
    case "paused":
      return item.fraction > 0 ? `Paused at ${percent(item.fraction)} %` : "Paused";
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

const minuteSeconds = 60;
const hourMinutes = 60;

/** How fast it goes and how long it takes still, as far as that is known: "4.1 MB/s, 2 minutes left". */
export function uploadPace({
  bytesPerSecond,
  secondsLeft,
}: {
  readonly bytesPerSecond?: number | undefined;
  readonly secondsLeft?: number | undefined;
}): string {
  const speed = bytesPerSecond ? [`${formatSize(Math.round(bytesPerSecond))}/s`] : [];
  const left = secondsLeft === undefined ? [] : [`${timeLeft(secondsLeft)} left`];
  return [...speed, ...left].join(", ");
}

/** Rounded up, so that what is promised is kept: seconds below a minute change too often to be read. */
function timeLeft(seconds: number): string {
  if (seconds < minuteSeconds) return "less than a minute";
  const minutes = Math.ceil(seconds / minuteSeconds);
  if (minutes < 2 * hourMinutes) return count(minutes, "minute", "minutes");
  return count(Math.ceil(minutes / hourMinutes), "hour", "hours");
}
