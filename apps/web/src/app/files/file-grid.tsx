import type { File } from "@stowage/client";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import {
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
} from "react";
import { dayGroup } from "./day-group.ts";
import { shapeRatio } from "./file-kind.ts";
import { FileTile } from "./file-tile.tsx";
import { type GridRow, justifyRows } from "./justified-rows.ts";
import { neighbourOf } from "./neighbour-of.ts";
import { useGridMeasures } from "./use-grid-measures.ts";
import type { SelectionControl } from "./use-selection.ts";

export interface GridHandle {
  /** Brings a file into view and gives it the focus. */
  focus(id: string): void;
}

export interface FileGridProps {
  readonly files: readonly File[];
  /** More files come after these: what they will fill is not laid out yet. */
  readonly isOpenEnded: boolean;
  /** The time under whose day a file stands; without one there are no headings. The same function until the list is another. */
  readonly dayOf: ((file: File) => string) | undefined;
  readonly selection: SelectionControl;
  readonly onOpen: (id: string) => void;
  /** The end is near. */
  readonly onNearEnd: () => void;
  readonly handle: RefObject<GridHandle | null>;
}

/** Rows beyond the edge that are kept, so that a flick of the thumb finds pictures there. */
const overscanRows = 5;
const nearEndRows = 8;

/** All files as rows of pictures. Only what is near the window is on the page. */
export function FileGrid({ files, isOpenEnded, dayOf, selection, onOpen, onNearEnd, handle }: FileGridProps) {
  const container = useRef<HTMLDivElement>(null);
  const { measures, top } = useGridMeasures(container);
  const rows = useMemo(() => {
    if (!measures) return [];
    const now = new Date();
    const shapes = files.map((file) => ({
      ratio: shapeRatio(file),
      group: dayOf && dayGroup(new Date(dayOf(file)), now),
    }));
    const all = justifyRows(shapes, measures);
    return isOpenEnded ? withoutOpenEnd(all, measures.width) : all;
  }, [files, isOpenEnded, dayOf, measures]);

  const gap = measures?.gap ?? 0;
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: (index) => rows[index]?.height ?? 0,
    gap,
    overscan: overscanRows,
    scrollMargin: top,
    initialRect: { width: innerWidth, height: innerHeight },
  });
  // Sizes are known, never measured: other rows are other sizes.
  useLayoutEffect(() => {
    if (rows.length > 0) virtualizer.measure();
  }, [rows, virtualizer]);

  const visible = virtualizer.getVirtualItems();
  const lastVisible = visible.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && lastVisible >= rows.length - nearEndRows) onNearEnd();
  }, [rows.length, lastVisible, onNearEnd]);

  const wanted = useRef<number>(undefined);
  const focusIndex = (index: number) => {
    wanted.current = index;
    const row = rows.findIndex(
      (each) => each.kind === "tiles" && each.tiles.some((tile) => tile.index === index),
    );
    if (row >= 0) virtualizer.scrollToIndex(row, { align: "auto" });
    takeFocus();
  };
  const takeFocus = () => {
    if (wanted.current === undefined) return;
    const link = container.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"]`);
    if (!link) return;
    wanted.current = undefined;
    link.focus({ preventScroll: true });
  };
  // What was scrolled to is on the page only after the next rendering.
  useEffect(takeFocus);
  useImperativeHandle(handle, () => ({
    focus(id) {
      const index = files.findIndex((file) => file.id === id);
      if (index >= 0) focusIndex(index);
    },
  }));

  const order = useMemo(() => files.map(({ id }) => id), [files]);
  const press = (event: MouseEvent, id: string) => {
    // A new tab is what the browser makes of these.
    if (event.metaKey || event.ctrlKey || event.button !== 0) return;
    event.preventDefault();
    if (event.shiftKey) selection.extendTo(id, order);
    else if (selection.isActive) selection.toggle(id);
    else onOpen(id);
  };
  // Tiles get the same functions at every rendering: while the page is scrolled only new ones render.
  const latest = useRef({ press, toggle: selection.toggle });
  latest.current = { press, toggle: selection.toggle };
  const onPress = useCallback((event: MouseEvent, id: string) => latest.current.press(event, id), []);
  const onToggle = useCallback((id: string) => latest.current.toggle(id), []);
  const onKeyDown = (event: KeyboardEvent) => {
    const index = Number(event.target instanceof HTMLElement && event.target.dataset.index);
    if (!Number.isInteger(index) || !(event.target instanceof HTMLAnchorElement)) return;
    if (event.key === " ") {
      event.preventDefault();
      const id = order[index];
      if (id !== undefined) selection.toggle(id);
      return;
    }
    const next = neighbourOf(rows, index, event.key);
    if (next === undefined) return;
    event.preventDefault();
    focusIndex(next);
  };

  return (
    <div className="grid" ref={container} style={{ height: virtualizer.getTotalSize() }}>
      {visible.map(({ index, start }) => {
        const row = rows[index];
        // Days are for the eye; every file's own words have its day for who does not see them.
        return row?.kind === "heading" ? (
          <p
            key={`heading ${row.text}`}
            className="grid-heading"
            aria-hidden="true"
            style={{ transform: `translateY(${start - top}px)`, height: row.height }}
          >
            {row.text}
          </p>
        ) : null;
      })}
      <ul aria-label="Files" onKeyDown={onKeyDown} data-choosing={selection.isActive || undefined}>
        {visible.flatMap(({ index: rowIndex, start }) => {
          const row = rows[rowIndex];
          if (row?.kind !== "tiles") return [];
          return row.tiles.map(({ index, left, width }) => {
            const file = files[index];
            return file ? (
              <FileTile
                key={file.id}
                file={file}
                index={index}
                left={left}
                top={start - top}
                width={width}
                height={row.height}
                isChosen={selection.ids.has(file.id)}
                onPress={onPress}
                onToggle={onToggle}
              />
            ) : null;
          });
        })}
      </ul>
    </div>
  );
}

/** The last row is laid out once it is known what else is in it: a picture that has been shown does not move. */
function withoutOpenEnd(rows: readonly GridRow[], width: number): readonly GridRow[] {
  const last = rows.at(-1);
  const end = last?.kind === "tiles" ? last.tiles.at(-1) : undefined;
  return end && end.left + end.width < width && rows.length > 2 ? rows.slice(0, -1) : rows;
}
