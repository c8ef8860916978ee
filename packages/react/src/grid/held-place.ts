import type { File } from "@stowage/client";
import { type GridLayout, rowAt, rowOf } from "./justified-rows.ts";
import { scrollerOf, visiblePart } from "./visible-part.ts";

export interface Shown {
  readonly files: readonly File[];
  readonly layout: GridLayout;
}

/** Files of which one should stay where it is: the first in sight, where that goes the next. */
export interface HeldPlace {
  readonly shown: Shown;
  /** Index of the first in sight. */
  readonly first: number;
  /** Pixels from the grid's top to what is in sight. */
  readonly seenFrom: number;
}

/** So many files may go at once from where somebody looks. */
const mostGone = 100;

/** Nothing while the grid's beginning is in sight: what is added before is to be seen there. */
export function holdPlace(element: Element, shown: Shown): HeldPlace | undefined {
  const { top } = visiblePart(element);
  const row = shown.layout.rows[rowAt(shown.layout, top)];
  return top > 0 && row ? { shown, first: row.first, seenFrom: top } : undefined;
}

/** Scrolls so that what somebody looked at is where it was, whatever came or went before it. */
export function restorePlace(element: Element, { shown, first, seenFrom }: HeldPlace, now: Shown): void {
  const held = shown.files.slice(first, first + mostGone);
  const rank = held[0]?.id === now.files[first]?.id ? 0 : undefined;
  const found = rank === 0 ? { rank, index: first } : firstOf(held, now.files);
  if (!found) return;
  const topIn = ({ layout }: Shown, index: number) => layout.rows[rowOf(layout, index)]?.top;
  const before = topIn(shown, first + found.rank);
  const after = topIn(now, found.index);
  if (before === undefined || after === undefined) return;
  const wrongBy = after - before + seenFrom - visiblePart(element).top;
  if (Math.abs(wrongBy) < 1) return;
  (scrollerOf(element) ?? window).scrollBy({ top: wrongBy, behavior: "instant" });
}

function firstOf(held: readonly File[], files: readonly File[]) {
  const ranks = new Map(held.map(({ id }, rank) => [id, rank]));
  let found: { readonly rank: number; readonly index: number } | undefined;
  for (const [index, { id }] of files.entries()) {
    const rank = ranks.get(id);
    if (rank !== undefined && rank < (found?.rank ?? held.length)) found = { rank, index };
  }
  return found;
}
