import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from "react";
import { type HeldPlace, holdPlace, restorePlace, type Shown } from "./held-place.ts";
import { rowAt } from "./justified-rows.ts";
import { visiblePart } from "./visible-part.ts";

/** Indexes of rows, both included. */
export interface RowsInSight {
  readonly first: number;
  readonly last: number;
}

/** Of a window that is not known yet, on a server. CSS pixels. */
const assumedHeight = 1_000;

/**
 * Which rows are in sight, as the page or what the grid is in is scrolled. Where files come or go before them, what is in
 * sight stays where it is.
 *
 * @returns also a function that looks at once
 */
export function useRowsInSight(
  container: RefObject<HTMLElement | null>,
  now: Shown | undefined,
): readonly [RowsInSight, () => void] {
  const shown = useRef<Shown>(undefined);
  const [seen, setSeen] = useState<RowsInSight>();
  const look = useCallback(() => {
    if (!container.current || !shown.current) return;
    const { layout } = shown.current;
    const { top, bottom } = visiblePart(container.current);
    const [first, last] = [rowAt(layout, top), rowAt(layout, bottom)];
    setSeen((known) => (known?.first === first && known.last === last ? known : { first, last }));
  }, [container]);

  useLayoutEffect(() => {
    const listening = new AbortController();
    const { signal } = listening;
    // Whatever the grid is in may be what scrolls.
    addEventListener("scroll", look, { capture: true, passive: true, signal });
    addEventListener("resize", look, { signal });
    // What stands above it moves it without changing its size.
    const observer = new ResizeObserver(look);
    observer.observe(document.body);
    if (container.current) observer.observe(container.current);
    return () => {
      listening.abort();
      observer.disconnect();
    };
  }, [container, look]);

  const held = useRef<HeldPlace>(undefined);
  // While the page is still as it was.
  if (now && shown.current && now.layout !== shown.current.layout && container.current)
    held.current = holdPlace(container.current, shown.current);
  useLayoutEffect(() => {
    if (now?.layout === shown.current?.layout) return;
    shown.current = now;
    if (now && held.current && container.current) restorePlace(container.current, held.current, now);
    held.current = undefined;
    look();
  });

  return [seen ?? { first: 0, last: now ? rowAt(now.layout, assumedHeight) : 0 }, look];
}
