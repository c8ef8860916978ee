import type { File } from "@stowage/client";
import {
  createElement,
  type HTMLAttributes,
  type ReactElement,
  type ReactNode,
  type Ref,
  useEffect,
  useImperativeHandle,
  useMemo,
  useRef,
} from "react";
import type { KeptPictures } from "../picture/file-picture.ts";
import { type GridTile, GridTileItem } from "./grid-tile.ts";
import { englishGridWords, type GridWords } from "./grid-words.ts";
import { type GridMeasures, rowOf, tilesOf } from "./justified-rows.ts";
import { measuresOf } from "./measures-of.ts";
import { shapeRatio } from "./shape-ratio.ts";
import { useGridFocus } from "./use-grid-focus.ts";
import { useGridInput } from "./use-grid-input.ts";
import { useGridLayout } from "./use-grid-layout.ts";
import { useRowsInSight } from "./use-rows-in-sight.ts";
import type { SelectionControl } from "./use-selection.ts";
import { useWidth } from "./use-width.ts";

/** Classes of its parts; the grid's own is `className`. */
export interface FileGridClassNames {
  readonly section?: string;
  readonly list?: string;
  readonly item?: string;
  /** What opens a file: a link, or a button. */
  readonly link?: string | ((file: File) => string);
  /** The label around the box that selects a file. */
  readonly check?: string;
}

export interface FileGridHandle {
  /** Brings a file into sight and gives it the focus; nothing where it is not among the files. */
  focus(id: string): void;
}

export interface FileGridProps extends Omit<HTMLAttributes<HTMLElement>, "children"> {
  /** In their order; the same array until it changes, and a file that did not change the same object. */
  readonly files: readonly File[];
  /** More files come after these. Default false. */
  readonly hasMore?: boolean | undefined;
  /** They may be asked for now: they are not on their way. Default true. */
  readonly canLoadMore?: boolean | undefined;
  /** The end is less than some 13 rows away: once for each array of files, and when `canLoadMore` is true again. */
  onEndReached?(): void;
  /** A file was pressed, or Enter on it. Presses that ask for a new tab are left to the browser. */
  onOpen?(file: File): void;
  /** Where a file's own page is: it is a link then. Default: it is a button. */
  hrefOf?(file: File): string;
  /** Files can be selected: `useSelection()`. */
  readonly selection?: SelectionControl | undefined;
  /** The heading under which a file stands; files of one heading follow each other. The same function each time. Default: no headings. */
  readonly sectionOf?: ((file: File) => string | undefined) | undefined;
  /** Width over height of a file's tile, cut to 0.62 to 2.4. The same function each time. Default: the thumbnail's. */
  readonly ratioOf?: ((file: File) => number) | undefined;
  /** CSS pixels for a grid that is so wide. Default: rows of about 118 (under 480), 164 (under 900), 204 (under 1700) or 236, 4 to 8 apart. */
  readonly measures?: (width: number) => Omit<GridMeasures, "width">;
  readonly words?: Partial<GridWords>;
  /** Whether a live region says how many are selected. Default true. */
  readonly announcement?: boolean;
  readonly classNames?: FileGridClassNames;
  /** What is in a tile. Default: `<TilePicture>`. The same function each time: only new tiles render then while the page is scrolled. */
  readonly renderTile?: (tile: GridTile) => ReactNode;
  /** Beside the box that selects a file, in its label. Default: nothing. */
  readonly renderCheck?: (isSelected: boolean) => ReactNode;
  /** What is in a heading. Default: its text. */
  readonly renderSection?: (text: string) => ReactNode;
  /** As of `<FilePicture>`. */
  readonly kept?: KeptPictures | undefined;
  /** CSS pixels, where the width is not known yet: on a server. Default: no tiles are rendered there. */
  readonly initialWidth?: number;
  readonly ref?: Ref<FileGridHandle>;
}

/** Rows beyond the edge that are kept, so that a flick of the thumb finds pictures there. */
const overscanRows = 5;
/** Rows from what is in sight to the end when more is asked for. */
const nearEndRows = 13;

/**
 * Files as rows of pictures that fill the width, each row of one height. Only what is near the window is on the page, and 100,000
 * files scroll as ten do. It is a list, one stop for Tab; arrows, Home, End, PageUp and PageDown lead through it, Enter opens, and
 * where there is a `selection` Space selects, Shift with an arrow or a press selects a range, and Escape ends it. It has no looks
 * of its own: each part has a class of yours and `data-part`; an item that is selected `data-selected`, the list `data-selecting`.
 */
export function FileGrid({
  files,
  hasMore = false,
  canLoadMore = true,
  onEndReached,
  onOpen,
  hrefOf,
  selection,
  sectionOf,
  ratioOf = shapeRatio,
  measures = measuresOf,
  words: ownWords,
  announcement = true,
  classNames = {},
  renderTile,
  renderCheck,
  renderSection,
  kept,
  initialWidth = 0,
  ref,
  ...rest
}: FileGridProps): ReactElement {
  const container = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const words = useMemo(() => ({ ...englishGridWords, ...ownWords }), [ownWords]);
  const width = useWidth(container, initialWidth);
  const layout = useGridLayout({ files, hasMore, sectionOf, ratioOf }, { width, ...measures(width) });
  const { seen, isPassing, look } = useRowsInSight(container, layout && { files, layout });
  const focus = useGridFocus(list, files, layout, look);
  const { onPress, onToggle, onKeyDown, onKeyUp } = useGridInput({
    container,
    files,
    layout,
    focus,
    selection,
    onOpen,
  });
  useImperativeHandle(ref, () => ({
    focus(id) {
      const index = files.findIndex((file) => file.id === id);
      if (index >= 0) focus.focus(index);
    },
  }));

  const rows = layout?.rows ?? [];
  const endReached = useRef(onEndReached);
  useEffect(() => {
    endReached.current = onEndReached;
  });
  const isNearEnd = hasMore && canLoadMore && layout !== undefined && seen.last >= rows.length - nearEndRows;
  // biome-ignore lint/correctness/useExhaustiveDependencies: other files are another end.
  useEffect(() => {
    if (isNearEnd) endReached.current?.();
  }, [isNearEnd, files]);

  const from = Math.max(0, seen.first - overscanRows);
  const to = Math.min(rows.length, seen.last + overscanRows + 1);
  const shown = Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
  const active = layout ? rowOf(layout, focus.index) : -1;
  if (active >= 0 && active < from) shown.unshift(active);
  if (active >= to) shown.push(active);
  const firstSeen = rows.slice(seen.first).find(({ kind }) => kind === "tiles")?.first;
  const tabStop = active >= 0 ? focus.index : (firstSeen ?? 0);

  const { link } = classNames;
  return createElement(
    "div",
    rest,
    createElement(
      "div",
      { ref: container, style: { position: "relative", height: layout?.height } },
      // Headings are for the eye: each file's own words have its heading for who does not see them.
      shown.map((at) => {
        const row = rows[at];
        return row?.kind === "section"
          ? createElement(
              "p",
              {
                key: row.text,
                className: classNames.section,
                "data-part": "section",
                "aria-hidden": true,
                style: {
                  position: "absolute",
                  insetInlineStart: 0,
                  top: row.top,
                  height: row.height,
                  margin: 0,
                },
              },
              renderSection ? renderSection(row.text) : row.text,
            )
          : null;
      }),
      createElement(
        "ul",
        {
          ref: list,
          // Without its marks it would be no list to Safari.
          role: "list",
          "aria-label": words.list,
          className: classNames.list,
          "data-selecting": selection?.isActive || undefined,
          tabIndex: -1,
          style: bare,
          onKeyDown,
          onKeyUp,
          onFocus: focus.onFocus,
          onBlur: focus.onBlur,
        },
        shown.flatMap((at) => {
          const row = rows[at];
          if (!layout || row?.kind !== "tiles") return [];
          return tilesOf(layout, row).map(({ index, start, width: tileWidth }) => {
            const file = files[index];
            return (
              file &&
              createElement(GridTileItem, {
                key: file.id,
                file,
                index,
                of: hasMore ? -1 : files.length,
                start,
                top: row.top,
                width: tileWidth,
                height: row.height,
                section: layout.shapes[index]?.section,
                isSelected: selection?.ids.has(file.id) ?? false,
                href: hrefOf?.(file),
                tabIndex: index === tabStop ? 0 : -1,
                open: words.open(file),
                select: selection && words.select(file),
                itemClass: classNames.item,
                linkClass: typeof link === "function" ? link(file) : link,
                checkClass: classNames.check,
                kept,
                isBare: isPassing && index !== focus.index,
                renderTile,
                renderCheck,
                onPress,
                onToggle,
              })
            );
          });
        }),
      ),
    ),
    selection &&
      announcement &&
      createElement(
        "p",
        { role: "status", style: unseen },
        selection.isActive && words.selected(selection.ids.size),
      ),
  );
}

const bare = { listStyle: "none", margin: 0, padding: 0 } as const;
const unseen = {
  position: "absolute",
  width: 1,
  height: 1,
  margin: 0,
  overflow: "hidden",
  clipPath: "inset(50%)",
} as const;
