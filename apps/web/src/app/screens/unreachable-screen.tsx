import { useRetry } from "../chrome/use-retry.ts";
import { useTitle } from "../chrome/use-title.ts";
import { MessageScreen } from "./message-screen.tsx";

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
