import type { File } from "@stowage/client";
import { useLayoutEffect, useMemo, useRef } from "react";
import { type GridLayout, type GridMeasures, justifyRows, type Shape } from "./justified-rows.ts";

export interface GridContent {
  readonly files: readonly File[];
  readonly hasMore: boolean;
  readonly sectionOf: ((file: File) => string | undefined) | undefined;
  readonly ratioOf: (file: File) => number;
}

/** Lays out what has changed since the last rendering; nothing where the width is not known yet. */
export function useGridLayout(
  { files, hasMore, sectionOf, ratioOf }: GridContent,
  { width, rowHeight, gap, sectionHeight }: GridMeasures,
): GridLayout | undefined {
  const last = useRef<GridLayout>(undefined);
  // Asked once of each file, for as long as both are the same functions.
  const shapeOf = useMemo(() => {
    const known = new WeakMap<File, Shape>();
    return (file: File): Shape => {
      const shape = known.get(file) ?? { ratio: ratioOf(file), section: sectionOf?.(file) };
      known.set(file, shape);
      return shape;
    };
  }, [ratioOf, sectionOf]);
  const shapes = useMemo(() => files.map(shapeOf), [files, shapeOf]);
  const layout = useMemo(
    () =>
      width > 0
        ? justifyRows(
            shapes,
            { width, rowHeight, gap, sectionHeight },
            { isOpenEnded: hasMore, previous: last.current },
          )
        : undefined,
    [shapes, hasMore, width, rowHeight, gap, sectionHeight],
  );
  useLayoutEffect(() => {
    last.current = layout;
  }, [layout]);
  return layout;
}
