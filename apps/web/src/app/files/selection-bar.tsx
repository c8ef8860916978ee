import { X } from "lucide-react";
import type { ReactNode } from "react";

/** In the place of the screen's heading row while files are chosen: how many, and what can be done with them. */
export function SelectionBar({
  count,
  onClear,
  onAll,
  children,
}: {
  readonly count: number;
  readonly onClear: () => void;
  readonly onAll: () => void;
  readonly children: ReactNode;
}) {
  return (
    <div className="screen-head choosing" role="toolbar" aria-label="Selection">
      <button type="button" className="icon-button" aria-label="End selection" onClick={onClear}>
        <X aria-hidden="true" />
      </button>
      <h1 className="chosen">
        <span role="status">{count === 0 ? "Select files" : `${count.toLocaleString("en")} selected`}</span>
      </h1>
      <div className="head-actions">
        <button type="button" className="text-button" onClick={onAll}>
          All
        </button>
        {children}
      </div>
    </div>
  );
}
