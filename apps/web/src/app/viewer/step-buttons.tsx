import type { File } from "@stowage/client";
import { ChevronLeft, ChevronRight } from "lucide-react";

/** To the neighbours of what is open, on the sides where there is one. */
export function StepButtons({
  previous,
  next,
  onShow,
}: {
  readonly previous: File | undefined;
  readonly next: File | undefined;
  readonly onShow: (file: File) => void;
}) {
  return (
    <>
      {previous && (
        <button
          type="button"
          className="step previous"
          aria-label="Previous"
          onClick={() => onShow(previous)}
        >
          <ChevronLeft aria-hidden="true" />
        </button>
      )}
      {next && (
        <button type="button" className="step next" aria-label="Next" onClick={() => onShow(next)}>
          <ChevronRight aria-hidden="true" />
        </button>
      )}
    </>
  );
}
