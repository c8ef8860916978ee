import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from "react";
import { type HeldPlace, holdPlace, restorePlace, type Shown } from "./held-place.ts";
import { rowAt } from "./justified-rows.ts";
import { visiblePart } from "./visible-part.ts";

/** Indexes of rows, both included. */
export interface RowsInSight {
  readonly first: number;
  readonly last: number;
}

export interface Sight {
  readonly seen: RowsInSight;
  /** Each look sees other rows than the last: nobody could make out a picture. */
  readonly isPassing: boolean;
  /** Looks at once. */
  look(): void;
}

/** Leaps that follow each other sooner are one movement. */
const passingMs = 150;

/** Of a window that is not known yet, on a server. CSS pixels. */
const assumedHeight = 1_000;

/**
 * Which rows are in sight, as the page or what the grid is in is scrolled. Where files come or go before them, what is in
 * sight stays where it is.
 */
export function useRowsInSight(container: RefObject<HTMLElement | null>, now: Shown | undefined): Sight {
  const shown = useRef<Shown>(undefined);
  const [seen, setSeen] = useState<RowsInSight>();
  const [isPassing, setPassing] = useState(false);
  const last = useRef({ rows: { first: 0, last: 0 }, leaptAtMs: Number.NEGATIVE_INFINITY });
  const arrival = useRef<ReturnType<typeof setTimeout>>(undefined);
  const look = useCallback(() => {
    if (!container.current || !shown.current) return;
    const { layout } = shown.current;
    const { top, bottom } = visiblePart(container.current);
    const rows = { first: rowAt(layout, top), last: rowAt(layout, bottom) };
    setSeen((known) => (known?.first === rows.first && known.last === rows.last ? known : rows));
    const before = last.current;
    last.current = { ...before, rows };
    if (rows.first <= before.rows.last && rows.last >= before.rows.first) return;
    const now = performance.now();
    last.current = { rows, leaptAtMs: now };
    if (now - before.leaptAtMs > passingMs) return;
    setPassing(true);
    clearTimeout(arrival.current);
    arrival.current = setTimeout(() => setPassing(false), passingMs);
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
      clearTimeout(arrival.current);
      setPassing(false);
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

  const assumed = { first: 0, last: now ? rowAt(now.layout, assumedHeight) : 0 };
  return { seen: seen ?? assumed, isPassing, look };
}
