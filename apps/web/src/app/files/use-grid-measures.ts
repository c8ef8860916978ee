import { type RefObject, useLayoutEffect, useMemo, useState } from "react";
import type { GridMeasures } from "./justified-rows.ts";

/** How tall rows are and how far apart, for a width: three small pictures side by side on a phone, six on a desk. */
export function measuresOf(width: number): GridMeasures {
  if (width < 480) return { width, rowHeight: 118, gap: 4, headingHeight: 52 };
  if (width < 900) return { width, rowHeight: 164, gap: 6, headingHeight: 60 };
  if (width < 1700) return { width, rowHeight: 204, gap: 8, headingHeight: 64 };
  return { width, rowHeight: 236, gap: 8, headingHeight: 64 };
}

/** Width of an element and its distance from the top of the document, as both change. */
export function useGridMeasures(ref: RefObject<HTMLElement | null>): {
  readonly measures: GridMeasures | undefined;
  readonly top: number;
} {
  const [width, setWidth] = useState(0);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measure = () => {
      setWidth(Math.floor(element.clientWidth));
      setTop(Math.round(element.getBoundingClientRect().top + scrollY));
    };
    measure();
    // What stands above it (a notice) moves it without changing its size.
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [ref]);
  // The same object for the same width: rows are laid out anew, and measured, whenever it is another.
  const measures = useMemo(() => (width > 0 ? measuresOf(width) : undefined), [width]);
  return { measures, top };
}
