/** Which files are chosen; `anchor` is the last that was chosen by itself, from which a range goes. */
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
  /** From the anchor to this one, both included, in the order of the list. */
  | { readonly type: "range"; readonly id: string; readonly order: readonly string[] }
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
      const from = selection.anchor === undefined ? -1 : event.order.indexOf(selection.anchor);
      const to = event.order.indexOf(event.id);
      if (from < 0 || to < 0) return decideSelection(selection, { type: "toggle", id: event.id });
      const range = event.order.slice(Math.min(from, to), Math.max(from, to) + 1);
      return { ...selection, ids: new Set([...selection.ids, ...range]) };
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
