export interface Shape {
  /** Width over height. */
  readonly ratio: number;
  /** Heading under which it stands, if under any; a heading begins with its first. */
  readonly section?: string | undefined;
}

/** All figures are CSS pixels. */
export interface GridMeasures {
  readonly width: number;
  /** Rows come out near this height. */
  readonly rowHeight: number;
  /** Between tiles, and between rows. */
  readonly gap: number;
  readonly sectionHeight: number;
}

interface Line {
  /** From the top of the grid. */
  readonly top: number;
  readonly height: number;
  /** Index of its first item; of a heading, of the first under it. */
  readonly first: number;
  /** Index after its last item; a heading has none. */
  readonly end: number;
}

export interface SectionRow extends Line {
  readonly kind: "section";
  readonly text: string;
}

export interface TilesRow extends Line {
  readonly kind: "tiles";
  /** To both edges. */
  readonly isFilled: boolean;
}

export type GridRow = SectionRow | TilesRow;

export interface GridLayout {
  readonly shapes: readonly Shape[];
  readonly measures: GridMeasures;
  /** From top to bottom. */
  readonly rows: readonly GridRow[];
  readonly height: number;
}

export interface GridTilePlace {
  readonly index: number;
  /** From the edge at which lines begin: the right one where text runs from right to left. */
  readonly start: number;
  readonly width: number;
}

/** Beyond these a picture is cut to its middle: a panorama would else be a thread, a till receipt a pole. */
const narrowest = 0.62;
const widest = 2.4;
const cut = ({ ratio }: Shape): number => Math.min(widest, Math.max(narrowest, ratio));

/** The last row of a section may come out so much higher than the others before it is left unfilled. */
const mostStretch = 1.25;

/**
 * Rows that are filled to both edges, as prints are laid out: every picture whole, all in a row of one height. Where
 * `previous` begins with the same shapes, its rows are taken over: a page that comes after 100,000 items costs a page.
 *
 * @param isOpenEnded - more come after these: a row that they may still change is not laid out
 */
export function justifyRows(
  shapes: readonly Shape[],
  measures: GridMeasures,
  { isOpenEnded = false, previous }: { isOpenEnded?: boolean; previous?: GridLayout | undefined } = {},
): GridLayout {
  const { width, rowHeight, gap, sectionHeight } = measures;
  const rows = previous ? unchangedRows(previous, shapes, measures) : [];
  const bottom = () => {
    const last = rows.at(-1);
    return last ? last.top + last.height : -gap;
  };

  const last = rows.at(-1);
  let first = last?.end ?? 0;
  let section = last?.kind === "section" ? last.text : shapes[first - 1]?.section;
  let ratios = 0;
  const heightOf = (sum: number, count: number): number => (width - gap * (count - 1)) / sum;
  const close = (end: number, isLast: boolean) => {
    if (end > first) {
      const full = heightOf(ratios, end - first);
      // The last of a section is not blown up to fill the width.
      const isFilled = !isLast || full <= rowHeight * mostStretch;
      const height = Math.round(isFilled ? full : rowHeight);
      rows.push({ kind: "tiles", top: bottom() + gap, height, first, end, isFilled });
    }
    first = end;
    ratios = 0;
  };
  for (let index = first; index < shapes.length; index += 1) {
    const shape = shapes[index];
    if (!shape) break;
    if (shape.section !== section) {
      close(index, true);
      section = shape.section;
      if (section !== undefined)
        rows.push({
          kind: "section",
          top: bottom() + gap,
          height: sectionHeight,
          first: index,
          end: index,
          text: section,
        });
    }
    const ratio = cut(shape);
    const count = index - first;
    const without = heightOf(ratios, count) / rowHeight;
    const withIt = heightOf(ratios + ratio, count + 1) / rowHeight;
    // Where the row without it is nearer to the wished height, it begins the next one.
    if (count > 0 && withIt < 1 && without - 1 < 1 - withIt) close(index, false);
    ratios += ratio;
    if (heightOf(ratios, index + 1 - first) <= rowHeight) close(index + 1, false);
  }
  // A picture that has been shown does not move: a row that may be filled yet waits, unless there is next to nothing else.
  if (!isOpenEnded || rows.length < 2) close(shapes.length, true);
  return { shapes, measures, rows, height: Math.max(0, bottom()) };
}

/** How a row ends depends on the item after it: those are taken over in which neither has changed. */
function unchangedRows(
  previous: GridLayout,
  shapes: readonly Shape[],
  { width, rowHeight, gap, sectionHeight }: GridMeasures,
): GridRow[] {
  const was = previous.measures;
  const isSame =
    was.width === width &&
    was.rowHeight === rowHeight &&
    was.gap === gap &&
    was.sectionHeight === sectionHeight;
  if (!isSame) return [];
  const differs = shapes.findIndex((shape, index) => {
    const old = previous.shapes[index];
    return old?.ratio !== shape.ratio || old.section !== shape.section;
  });
  const same = differs < 0 ? shapes.length : differs;
  return previous.rows.slice(
    0,
    lowest(previous.rows.length, (at) => (previous.rows[at]?.end ?? 0) >= same),
  );
}

/** Where the items of a row are. */
export function tilesOf({ shapes, measures }: GridLayout, row: TilesRow): readonly GridTilePlace[] {
  const { width, gap, rowHeight } = measures;
  const line = shapes.slice(row.first, row.end).map(cut);
  const ratios = line.reduce((sum, ratio) => sum + ratio, 0);
  const height = row.isFilled ? (width - gap * (line.length - 1)) / ratios : rowHeight;
  let start = 0;
  return line.map((ratio, at) => {
    const isAtEdge = row.isFilled && at === line.length - 1;
    const tileWidth = isAtEdge ? width - start : Math.min(width, Math.round(ratio * height));
    const tile = { index: row.first + at, start, width: tileWidth };
    start += tileWidth + gap;
    return tile;
  });
}

/** Index of the row at a height, or of the next one where none is; the last one below them all. Pixels from the top. */
export const rowAt = ({ rows }: GridLayout, y: number): number =>
  Math.min(
    lowest(rows.length, (at) => endOf(rows[at]) > y),
    Math.max(0, rows.length - 1),
  );

/** Index of the row in which an item is; -1 where it is not laid out. */
export function rowOf({ rows }: GridLayout, index: number): number {
  const at = index < 0 ? -1 : lowest(rows.length, (row) => (rows[row]?.end ?? 0) > index);
  return at < rows.length ? at : -1;
}

const endOf = (row: GridRow | undefined): number => (row ? row.top + row.height : 0);

/** The lowest number under `count` of which something holds that holds of all after it, too; else `count`. */
function lowest(count: number, holds: (at: number) => boolean): number {
  let from = 0;
  let to = count;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (holds(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}
