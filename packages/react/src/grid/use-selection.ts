import { useMemo, useReducer } from "react";
import { decideSelection, noSelection, type Selection } from "./selection.ts";

export interface SelectionControl extends Selection {
  /** A press chooses, and does not open. */
  readonly isActive: boolean;
  /** Turns choosing on, with nothing chosen yet. */
  choose(): void;
  toggle(id: string): void;
  /** From the last that was chosen; `from` is where that range ended until now. */
  extendTo(id: string, order: readonly string[], from?: string): void;
  all(order: readonly string[]): void;
  /** These are in the list no more. */
  drop(ids: readonly string[]): void;
  /** Ends choosing. */
  clear(): void;
}

/** Which files of a list are chosen, for a grid and for what is done with them. */
export function useSelection(): SelectionControl {
  const [selection, happen] = useReducer(decideSelection, noSelection);
  return useMemo(
    () => ({
      ...selection,
      isActive: selection.isChoosing || selection.ids.size > 0,
      choose: () => happen({ type: "choose" }),
      toggle: (id) => happen({ type: "toggle", id }),
      extendTo: (id, order, from) =>
        happen({ type: "range", id, order, ...(from !== undefined && { from }) }),
      all: (order) => happen({ type: "all", order }),
      drop: (ids) => happen({ type: "gone", ids }),
      clear: () => happen({ type: "clear" }),
    }),
    [selection],
  );
}
