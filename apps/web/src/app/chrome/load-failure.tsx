import { CloudOff } from "lucide-react";
import { useRetry } from "./use-retry.ts";

/** In a list's place where it could not be had. It is asked for again by itself, too. */
export function LoadFailure({
  what,
  detail,
  onRetry,
}: {
  readonly what: string;
  readonly detail: string;
  readonly onRetry: () => void;
}) {
  useRetry(onRetry);
  return (
    <div className="state-panel" role="alert">
      <CloudOff aria-hidden="true" />
      <h2>{what} can’t be shown right now</h2>
      <p>{detail}</p>
      <button type="button" className="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}
