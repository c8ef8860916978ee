import { useId } from "react";
import { Dialog } from "./dialog.tsx";
import { type Unsent, unsentWords } from "./unsent-words.ts";

/**
 * Asks what is to become of uploads that have not arrived, and goes on telling what that would be as they are kept here and arrive.
 * Where they can be kept, nothing is lost by any answer but one.
 */
export function LeaveDialog({
  unsent,
  onLeave,
  onStay,
}: {
  readonly unsent: Unsent;
  readonly onLeave: (uploads: "keep" | "delete") => void;
  readonly onStay: () => void;
}) {
  const titleId = useId();
  const { files, kept, replacing } = unsent;
  const them = files === 1 ? "it" : "them";
  const hasArrived = files + replacing === 0;
  return (
    <Dialog className="confirm" labelledBy={titleId} onClose={onStay}>
      <div className="confirm-body">
        <h2 id={titleId}>{hasArrived ? "Sign out?" : "Uploads are under way"}</h2>
        <p role="status">{unsentWords(unsent)}</p>
        <div className="actions">
          <button type="button" className="button" data-autofocus onClick={onStay}>
            Stay
          </button>
          {kept > 0 ? (
            <>
              <button type="button" className="button danger" onClick={() => onLeave("delete")}>
                Delete {them}
              </button>
              <button type="button" className="button primary" onClick={() => onLeave("keep")}>
                Keep {them} on this device
              </button>
            </>
          ) : (
            <button
              type="button"
              className={hasArrived ? "button primary" : "button danger"}
              onClick={() => onLeave(hasArrived ? "keep" : "delete")}
            >
              {hasArrived ? "Sign out" : "Sign out anyway"}
            </button>
          )}
        </div>
      </div>
    </Dialog>
  );
}
