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
