import { useEffect, useRef } from "react";

const retryEveryMs = 10_000;

/** Tries again by itself every 10 s, and when a network comes back, for as long as what calls it is shown. */
export function useRetry(onRetry: () => void): void {
  const latest = useRef(onRetry);
  useEffect(() => {
    latest.current = onRetry;
  });
  useEffect(() => {
    const retry = () => latest.current();
    const timer = setInterval(retry, retryEveryMs);
    addEventListener("online", retry);
    return () => {
      clearInterval(timer);
      removeEventListener("online", retry);
    };
  }, []);
}
