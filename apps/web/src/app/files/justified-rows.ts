export interface Shape {
  /** Width over height. */
  readonly ratio: number;
  /** Heading under which it stands, if under any; a heading begins with its first. */
  readonly group?: string | undefined;
}

/** A line of the grid, from its top. All figures are CSS pixels. */
export type GridRow =
  | { readonly kind: "heading"; readonly text: string; readonly height: number }
  | {
      readonly kind: "tiles";
      readonly height: number;
      readonly tiles: readonly { readonly index: number; readonly left: number; readonly width: number }[];
    };

export interface GridMeasures {
  readonly width: number;
  /** Rows come out near this height. */
  readonly rowHeight: number;
  readonly gap: number;
  readonly headingHeight: number;
}

/** Beyond these a picture is cut to its middle: a panorama would else be a thread, a till receipt a pole. */
const narrowest = 0.62;
const widest = 2.4;

/** Rows that are filled to both edges, as prints are laid out: every picture whole, all in a row of one height. */
export function justifyRows(shapes: readonly Shape[], measures: GridMeasures): GridRow[] {
  const rows: GridRow[] = [];
  let group: string | undefined;
  let line: { index: number; ratio: number }[] = [];
  const flush = (isLast: boolean) => {
    if (line.length > 0) rows.push(layOut(line, measures, isLast));
    line = [];
  };
  for (const [index, shape] of shapes.entries()) {
    if (shape.group !== group) {
      flush(true);
      group = shape.group;
      if (group !== undefined) rows.push({ kind: "heading", text: group, height: measures.headingHeight });
    }
    const ratio = Math.min(widest, Math.max(narrowest, shape.ratio));
    // Where the row without it is nearer to the wished height, it begins the next one.
    if (line.length > 0 && isNearerWithout(line, ratio, measures)) flush(false);
    line.push({ index, ratio });
    if (heightOf(line, measures) <= measures.rowHeight) flush(false);
  }
  flush(true);
  return rows;
}

const ratioOf = (line: readonly { readonly ratio: number }[]): number =>
  line.reduce((sum, { ratio }) => sum + ratio, 0);

/** The height at which a line fills the width. */
const heightOf = (line: readonly { readonly ratio: number }[], { width, gap }: GridMeasures): number =>
  (width - gap * (line.length - 1)) / ratioOf(line);

function isNearerWithout(
  line: readonly { readonly ratio: number }[],
  ratio: number,
  measures: GridMeasures,
): boolean {
  const without = heightOf(line, measures) / measures.rowHeight;
  const withIt = heightOf([...line, { ratio }], measures) / measures.rowHeight;
  return withIt < 1 && without - 1 < 1 - withIt;
}

function layOut(
  line: readonly { readonly index: number; readonly ratio: number }[],
  measures: GridMeasures,
  isLast: boolean,
): GridRow {
  const { width, gap, rowHeight } = measures;
  const full = heightOf(line, measures);
  // The last of a group is not blown up to fill the width.
  const isFilled = !isLast || full <= rowHeight * 1.25;
  const height = Math.round(isFilled ? full : rowHeight);
  let left = 0;
  const tiles = line.map(({ index, ratio }, at) => {
    const isAtEdge = isFilled && at === line.length - 1;
    const tileWidth = isAtEdge
      ? width - left
      : Math.min(width, Math.round(ratio * (isFilled ? full : rowHeight)));
    const tile = { index, left, width: tileWidth };
    left += tileWidth + gap;
    return tile;
  });
  return { kind: "tiles", height, tiles };
}
