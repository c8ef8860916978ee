/** Which files of a list are chosen, by their ids; `anchor` is the last that was chosen by itself, from which a range goes. */
export interface Selection {
  readonly ids: ReadonlySet<string>;
  readonly anchor?: string;
  /** Choosing has been turned on: a press chooses, it does not open. */
  readonly isChoosing: boolean;
}

export const noSelection: Selection = { ids: new Set(), isChoosing: false };

export type SelectionEvent =
  | { readonly type: "choose" }
  | { readonly type: "toggle"; readonly id: string }
  /**
   * From the anchor to this one, both included, in the order of the list. `from` is where the range ended until now: what it
   * has no more is let go. Where that one is not chosen, the range begins there.
   */
  | { readonly type: "range"; readonly id: string; readonly order: readonly string[]; readonly from?: string }
  | { readonly type: "all"; readonly order: readonly string[] }
  /** These are no longer in the list. */
  | { readonly type: "gone"; readonly ids: readonly string[] }
  | { readonly type: "clear" };

export function decideSelection(selection: Selection, event: SelectionEvent): Selection {
  switch (event.type) {
    case "choose":
      return { ...selection, isChoosing: true };
    case "toggle": {
      const ids = new Set(selection.ids);
      if (!ids.delete(event.id)) ids.add(event.id);
      return { ids, anchor: event.id, isChoosing: selection.isChoosing };
    }
    case "range": {
      const { id, order, from } = event;
      const ids = new Set(selection.ids);
      const anchor = from !== undefined && !ids.has(from) ? from : (selection.anchor ?? from);
      const [start, end] = [anchor === undefined ? -1 : order.indexOf(anchor), order.indexOf(id)];
      if (start < 0 || end < 0) return decideSelection(selection, { type: "toggle", id });
      const between = (other: number) => order.slice(Math.min(start, other), Math.max(start, other) + 1);
      if (from !== undefined) for (const left of between(order.indexOf(from))) ids.delete(left);
      for (const reached of between(end)) ids.add(reached);
      return { ...selection, ids, ...(anchor !== undefined && { anchor }) };
    }
    case "all":
      return { ids: new Set(event.order), isChoosing: true };
    case "gone": {
      const ids = new Set(selection.ids);
      for (const id of event.ids) ids.delete(id);
      return ids.size === 0 ? noSelection : { ...selection, ids };
    }
    case "clear":
      return noSelection;
  }
}
