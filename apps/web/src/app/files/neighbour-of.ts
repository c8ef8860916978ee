import type { GridRow } from "./justified-rows.ts";

/** The file that an arrow key leads to from another; nothing where there is none, or for another key. */
export function neighbourOf(rows: readonly GridRow[], index: number, key: string): number | undefined {
  const lines = rows.flatMap((row) => (row.kind === "tiles" ? [row.tiles] : []));
  const last = lines.at(-1)?.at(-1)?.index ?? -1;
  const within = (target: number) => (target >= 0 && target <= last ? target : undefined);
  switch (key) {
    case "ArrowLeft":
      return within(index - 1);
    case "ArrowRight":
      return within(index + 1);
    case "Home":
      return within(0);
    case "End":
      return within(last);
    case "ArrowUp":
    case "ArrowDown": {
      const at = lines.findIndex((line) => line.some((tile) => tile.index === index));
      const from = lines[at]?.find((tile) => tile.index === index);
      const line = at < 0 ? undefined : lines[at + (key === "ArrowDown" ? 1 : -1)];
      if (!from || !line) return undefined;
      const middle = from.left + from.width / 2;
      const distance = (tile: { left: number; width: number }) =>
        Math.abs(tile.left + tile.width / 2 - middle);
      return line.reduce((nearest, tile) => (distance(tile) < distance(nearest) ? tile : nearest)).index;
    }
    default:
      return undefined;
  }
}
