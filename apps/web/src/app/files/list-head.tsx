import type { ReactNode, RefObject } from "react";

/** The title of a list of files, and the way to choose several of them where there are any. */
export function ListHead({
  title,
  canChoose,
  onChoose,
  heading,
  children,
}: {
  readonly title: string;
  readonly canChoose: boolean;
  readonly onChoose: () => void;
  /** Takes the focus where what had it is gone. */
  readonly heading?: RefObject<HTMLHeadingElement | null>;
  /** Between the title and the way to choose. */
  readonly children?: ReactNode;
}) {
  return (
    <div className="screen-head">
      <h1 ref={heading} tabIndex={heading && -1}>
        {title}
      </h1>
      {children}
      <div className="head-actions">
        {canChoose && (
          <button type="button" className="text-button" onClick={onChoose}>
            Select
          </button>
        )}
      </div>
    </div>
  );
}
