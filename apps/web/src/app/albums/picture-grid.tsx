import type { File } from "@stowage/client";
import { FileGrid, type FileGridHandle, type GridTile } from "@stowage/react/grid";
import { useEffect, useMemo, useRef } from "react";
import { TileFace, tileClass } from "../files/tile-face.tsx";

const classNames = { item: "tile", link: tileClass };
const face = (tile: GridTile) => <TileFace {...tile} isOthers />;
const measures = (width: number) =>
  width < 600 ? { rowHeight: 118, gap: 4, sectionHeight: 0 } : { rowHeight: 184, gap: 8, sectionHeight: 0 };

/** Files of several people as rows of pictures, each a button that opens it. */
export function PictureGrid({
  files,
  label,
  openId,
  onOpen,
  onNearEnd,
}: {
  readonly files: readonly File[];
  readonly label: string;
  /** The one that is open over the others: when it is closed the focus comes back to it. */
  readonly openId: string | undefined;
  readonly onOpen: (id: string) => void;
  /** The end is near, and more may come; absent: that was all. */
  readonly onNearEnd: (() => void) | undefined;
}) {
  const words = useMemo(() => ({ list: label, open: ({ name }: File) => `Open ${name}` }), [label]);
  const grid = useRef<FileGridHandle>(null);
  const wasOpen = useRef(openId);
  useEffect(() => {
    const last = wasOpen.current;
    wasOpen.current = openId;
    if (openId !== undefined || last === undefined) return;
    // After the dialog has gone: it gives the focus to what had it, which may be off the page by now.
    const timer = setTimeout(() => grid.current?.focus(last));
    return () => clearTimeout(timer);
  }, [openId]);
  return (
    <FileGrid
      className="pictures"
      files={files}
      hasMore={onNearEnd !== undefined}
      onEndReached={() => onNearEnd?.()}
      onOpen={({ id }) => onOpen(id)}
      words={words}
      measures={measures}
      classNames={classNames}
      renderTile={face}
      ref={grid}
    />
  );
}
