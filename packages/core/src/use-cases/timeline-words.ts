import { countParts } from "../part-plan.ts";
import type { UploadEventRecord, UploadRecord } from "../upload.ts";

const count = new Intl.NumberFormat("en-US");

/** `1 byte`, `1,203 bytes`. */
export const bytesInWords = (sizeBytes: number): string =>
  `${count.format(sizeBytes)} ${sizeBytes === 1 ? "byte" : "bytes"}`;

const units = [
  ["day", 24 * 3600],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
] as const;

/** In whole units of the largest kind that there is one of: `7 days`, `1 hour`, `8 seconds`. Never less than a second. */
export function durationInWords(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  for (const [unit, length] of units) {
    if (seconds < length) continue;
    const whole = Math.floor(seconds / length);
    return `${whole} ${unit}${whole === 1 ? "" : "s"}`;
  }
  return "1 second";
}

const ordinal = (number: number): string => {
  const lastTwo = number % 100;
  if (lastTwo >= 11 && lastTwo <= 13) return `${number}th`;
  return `${number}${["th", "st", "nd", "rd"][number % 10] ?? "th"}`;
};

/**
 * A timeline in sentences: what happened, and why. What was written with its cause stays as it was written; what was
 * not follows from the upload and from what came before, and takes no room in the database. No names, no keys.
 *
 * @param events the newest of the upload's, oldest first
 */
export function timelineInWords(
  upload: UploadRecord,
  events: readonly UploadEventRecord[],
): UploadEventRecord[] {
  return events.map((event, index) =>
    event.detail === "" ? { ...event, detail: inWords(upload, events, index) } : event,
  );
}

function inWords(upload: UploadRecord, events: readonly UploadEventRecord[], index: number): string {
  const event = events[index];
  switch (event?.type) {
    case "created":
      return createdInWords(upload, events);
    case "reminted":
      return "Asked for again: a fresh URL was made, and the time to send the bytes begins anew.";
    case "in-parts":
      return `Turned into an upload in ${partsInWords(upload)}: what its single PUT may still bring counts for nothing.`;
    case "begun":
      return "The first parts were asked for, and the storage waits for them.";
    case "uploaded":
      return `The storage has all ${bytesInWords(upload.sizeBytes)}; waiting to be checked.`;
    case "verifying":
      return claimedInWords(upload, events, index);
    case "postponed":
      return "Checking has to wait, and will be tried again.";
    case "ready":
      return "Checked, and kept.";
    case "rejected":
      return "Checked, and refused.";
    case "aborted":
      return "Given up before its bytes had come.";
    case undefined:
      return "";
  }
}

function createdInWords(upload: UploadRecord, events: readonly UploadEventRecord[]): string {
  const wasTurned = events.some(({ type }) => type === "in-parts");
  const how = upload.multipart && !wasTurned ? `in ${partsInWords(upload)}` : "by one PUT";
  return `Announced: ${bytesInWords(upload.sizeBytes)} of ${upload.contentType}, to be sent ${how}.`;
}

const partsInWords = ({ sizeBytes, multipart }: UploadRecord): string => {
  const parts = multipart ? countParts({ sizeBytes, ...multipart }) : 0;
  return parts === 1 ? "1 part" : `${count.format(parts)} parts`;
};

function claimedInWords(upload: UploadRecord, events: readonly UploadEventRecord[], index: number): string {
  const later = events.slice(index + 1).filter(({ type }) => type === "verifying").length;
  const attempt = upload.attempt - later;
  if (attempt <= 1) return "Taken up by a worker.";
  const before = events[index - 1]?.type === "verifying" ? ": the worker before stopped without a word" : "";
  return `Taken up by a worker, ${ordinal(attempt)} try${before}.`;
}
