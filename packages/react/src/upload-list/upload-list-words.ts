import type { QueueTotals, UploadItem } from "@stowage/client";
import type { UploadAction } from "./actions-of.ts";

/** How fast it goes, as far as that is known. */
export interface UploadPace {
  readonly bytesPerSecond?: number | undefined;
  readonly secondsLeft?: number | undefined;
}

/** Every string of an `<UploadList>`. */
export interface UploadListWords {
  /** Names the list. */
  readonly list: string;
  /** A line about all of it. */
  summary(totals: QueueTotals & UploadPace): string;
  /** Where one stands, with what is wrong. */
  state(item: UploadItem & UploadPace): string;
  /** Names the bar of one. */
  progress(item: UploadItem): string;
  /** On a button. */
  action(action: UploadAction): string;
  /** The button's name to somebody who does not see beside what it stands. It must contain what is on it. */
  actionOf(action: UploadAction, item: UploadItem): string;
  /** Another file was picked than the one that is missing. */
  otherFile(item: UploadItem): string;
}

const percent = (fraction: number) => `${Math.floor(fraction * 100)} %`;
const files = (count: number) => (count === 1 ? "1 file" : `${count} files`);

const units = ["B", "kB", "MB", "GB"];
function speed(bytesPerSecond: number): string {
  const step = bytesPerSecond < 1000 ? 0 : Math.min(3, Math.floor(Math.log10(bytesPerSecond) / 3));
  return `${Number((bytesPerSecond / 1000 ** step).toPrecision(2))} ${units[step]}/s`;
}

const timeLeft = (seconds: number) =>
  seconds < 60
    ? "less than a minute left"
    : seconds < 7200
      ? `${Math.ceil(seconds / 60)} minutes left`
      : `${Math.ceil(seconds / 3600)} hours left`;

const pace = ({ bytesPerSecond, secondsLeft }: UploadPace) =>
  (bytesPerSecond ? `, ${speed(bytesPerSecond)}` : "") +
  (secondsLeft === undefined ? "" : `, ${timeLeft(secondsLeft)}`);

const actions: Readonly<Record<UploadAction, string>> = {
  pause: "Pause",
  resume: "Resume",
  attach: "Add again",
  retry: "Try again",
  cancel: "Cancel",
  dismiss: "Dismiss",
};

export const englishListWords: UploadListWords = {
  list: "Uploads",
  summary(totals) {
    const { active, ready, cancelled } = totals;
    const all = totals.files - cancelled;
    if (active === 0) return `${ready} of ${files(all)} ready`;
    return `${all - active} of ${files(all)} done${totals.sending > 0 ? pace(totals) : ""}`;
  },
  state(item) {
    const { state, fraction, problem } = item;
    const why = problem ? `: ${problem.detail}` : "";
    switch (state) {
      case "saving":
        return "Keeping it on this device";
      case "saved":
        return `Waiting for its turn${why}`;
      case "waiting-for-network":
        return `Waiting for the network${why}`;
      case "waiting-for-sign-in":
        return `Waiting for a sign-in${why}`;
      case "needs-file":
        return "No longer on this device";
      case "sending":
        return `Sending, ${percent(fraction)}${pace(item)}${why}`;
      case "checking":
        return "Checking";
      case "paused":
        return `Paused at ${percent(fraction)}`;
      case "ready":
        return "Ready";
      case "rejected":
        return `Rejected${why}`;
      case "failed":
        return `Failed${why}`;
      case "cancelled":
        return "Cancelled";
    }
  },
  progress: ({ name }) => `Progress of ${name}`,
  action: (action) => actions[action],
  actionOf: (action, { name }) => `${actions[action]}: ${name}`,
  otherFile: ({ name }) => `That is not ${name}: its size is another.`,
};
