import { ImagePlus } from "lucide-react";
import { useMe } from "../chrome/use-me.ts";
import { describeAcceptedTypes } from "./accepted-types.ts";

/** Nothing is here yet: how to begin. */
export function EmptyFiles({ onAddFiles }: { readonly onAddFiles: () => void }) {
  const { data: me } = useMe();
  const accepted = me && describeAcceptedTypes(me);
  // A thumb drags nothing in from outside.
  const canDrop = matchMedia("(any-pointer: fine)").matches;
  return (
    <div className="empty">
      <ImagePlus aria-hidden="true" />
      {canDrop ? (
        <>
          <h2>Drop photographs here</h2>
          <p>or paste one, or choose them from this device. Only you will see them.</p>
        </>
      ) : (
        <>
          <h2>Nothing is here yet</h2>
          <p>Choose photographs from this device. Only you will see them.</p>
        </>
      )}
      <button type="button" className="button large" onClick={onAddFiles}>
        Choose files
      </button>
      <p className="small-print">{accepted}</p>
    </div>
  );
}
