import { Upload } from "lucide-react";
import { useLayoutEffect, useRef } from "react";

/** Over everything, an open file included, while something is dragged over the page. */
export function DropOverlay() {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    // Only the browser's top layer is above a modal dialog; where there are no popovers it lies below.
    ref.current?.showPopover?.();
  }, []);
  return (
    <div className="drop-overlay" ref={ref} popover="manual">
      <div className="drop-message">
        <Upload aria-hidden="true" />
        <p>Let go to add them</p>
      </div>
    </div>
  );
}
