import { useId } from "react";
import { Dialog } from "./dialog.tsx";
import { type Unsent, unsentWords } from "./unsent-words.ts";

export type { Unsent };

/** Asks what is to become of uploads that have not arrived. Where they can be kept, nothing is lost by any answer but one. */
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
  const { files, kept } = unsent;
  const them = files === 1 ? "it" : "them";
  return (
    <Dialog className="confirm" labelledBy={titleId} onClose={onStay}>
      <div className="confirm-body">
        <h2 id={titleId}>Uploads are under way</h2>
        <p>{unsentWords(unsent)}</p>
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
            <button type="button" className="button danger" onClick={() => onLeave("delete")}>
              Sign out anyway
            </button>
          )}
        </div>
      </div>
    </Dialog>
  );
}
