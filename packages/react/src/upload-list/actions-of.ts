import type { UploadItem } from "@stowage/client";

/** What a person can do with an upload; `attach` gives a file again whose bytes this device has no more. */
export type UploadAction = "pause" | "resume" | "attach" | "retry" | "cancel" | "dismiss";

const byState: Readonly<Record<UploadItem["state"], readonly UploadAction[]>> = {
  saving: ["cancel"],
  saved: ["pause", "cancel"],
  "waiting-for-network": ["pause", "retry", "cancel"],
  "waiting-for-sign-in": ["pause", "cancel"],
  "needs-file": ["attach", "cancel"],
  sending: ["pause", "cancel"],
  checking: ["cancel"],
  paused: ["resume", "cancel"],
  ready: ["dismiss"],
  rejected: ["dismiss"],
  failed: ["dismiss"],
  cancelled: ["dismiss"],
};

const ofChangedFile = "file-changed";
/** It goes on once they say that it is theirs. */
const ofUnknownPerson = "unknown-person";

/** What can be done with an upload now, in the order in which buttons stand. */
export function actionsOf({
  state,
  canRetry,
  problem,
}: Pick<UploadItem, "state" | "canRetry" | "problem">): readonly UploadAction[] {
  const actions = byState[state];
  const code = problem?.code;
  if (state === "failed" && code === ofChangedFile) return ["attach", ...actions];
  const mayRetry = canRetry || code === ofUnknownPerson;
  return mayRetry && !actions.includes("retry") ? ["retry", ...actions] : actions;
}
