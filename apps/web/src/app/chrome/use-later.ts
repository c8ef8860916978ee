import { useEffect, useState } from "react";

/** False at first, true once that time has passed: for what is worth showing only if it lasts. */
export function useLater(delayMs: number): boolean {
  const [isLater, setLater] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLater(true), delayMs);
    return () => clearTimeout(timer);
  }, [delayMs]);
  return isLater;
}
