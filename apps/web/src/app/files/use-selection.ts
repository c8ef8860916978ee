import { useMemo, useReducer } from "react";
import { decideSelection, noSelection, type Selection } from "./selection.ts";

export interface SelectionControl extends Selection {
  /** Boxes are shown, and a press chooses. */
  readonly isActive: boolean;
  choose(): void;
  toggle(id: string): void;
  /** From the last that was chosen. */
  extendTo(id: string, order: readonly string[]): void;
  all(order: readonly string[]): void;
  drop(ids: readonly string[]): void;
  clear(): void;
}

/** Which files of a list are chosen. */
export function useSelection(): SelectionControl {
  const [selection, happen] = useReducer(decideSelection, noSelection);
  return useMemo(
    () => ({
      ...selection,
      isActive: selection.isChoosing || selection.ids.size > 0,
      choose: () => happen({ type: "choose" }),
      toggle: (id) => happen({ type: "toggle", id }),
      extendTo: (id, order) => happen({ type: "range", id, order }),
      all: (order) => happen({ type: "all", order }),
      drop: (ids) => happen({ type: "gone", ids }),
      clear: () => happen({ type: "clear" }),
    }),
    [selection],
  );
}
