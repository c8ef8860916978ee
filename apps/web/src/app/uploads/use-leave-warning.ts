import { hasEnded } from "@stowage/client";
import type { UploadItem } from "@stowage/react";
import { useEffect } from "react";

/** Lets the browser ask before the page is left. Returns how to end that. */
export function warnBeforeLeaving(): () => void {
  const warn = (event: BeforeUnloadEvent) => event.preventDefault();
  addEventListener("beforeunload", warn);
  return () => removeEventListener("beforeunload", warn);
}

/** The same, while something would be lost by it. */
export function useLeaveWarning(isOn: boolean): void {
  useEffect(() => (isOn ? warnBeforeLeaving() : undefined), [isOn]);
}

/** Whether something would have to be added again, were the page left now: what is kept goes on, and so does what has arrived. */
export const wouldLose = (items: readonly UploadItem[]): boolean =>
  items.some(
    (item) => !item.isKept && !hasEnded(item) && item.state !== "checking" && item.state !== "needs-file",
  );
