import { useEffect } from "react";
import { useTitle } from "../chrome/use-title.ts";
import { MessageScreen } from "./message-screen.tsx";

const retryEveryMs = 10_000;

/** Tries again by itself, and when a network comes back. */
export function useRetry(onRetry: () => void): void {
  useEffect(() => {
    const timer = setInterval(onRetry, retryEveryMs);
    addEventListener("online", onRetry);
    return () => {
      clearInterval(timer);
      removeEventListener("online", onRetry);
    };
  }, [onRetry]);
}

/** The server does not say who is signed in. It is asked again by itself, and when a network comes back. */
export function UnreachableScreen({ onRetry }: { readonly onRetry: () => void }) {
  useTitle("Not reachable");
  useRetry(onRetry);
  return (
    <MessageScreen
      title="The server can’t be reached"
      actions={
        <button type="button" className="button primary" onClick={onRetry}>
          Try again
        </button>
      }
    >
      Your files are where they were. This page looks again by itself every few seconds.
    </MessageScreen>
  );
}
