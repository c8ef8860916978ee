import type { File } from "@stowage/client";
import { type KeyboardEvent, type MouseEvent, type RefObject, useCallback, useMemo, useRef } from "react";
import { type GridLayout, rowOf } from "./justified-rows.ts";
import { neighbourOf } from "./neighbour-of.ts";
import type { GridFocus } from "./use-grid-focus.ts";
import type { SelectionControl } from "./use-selection.ts";
import { visiblePart } from "./visible-part.ts";

export interface GridInputOptions {
  readonly container: RefObject<HTMLElement | null>;
  readonly files: readonly File[];
  readonly layout: GridLayout | undefined;
  readonly focus: GridFocus;
  readonly selection: SelectionControl | undefined;
  readonly onOpen: ((file: File) => void) | undefined;
}

export interface GridInput {
  onPress(event: MouseEvent, file: File): void;
  onToggle(file: File): void;
  onKeyDown(event: KeyboardEvent): void;
  onKeyUp(event: KeyboardEvent): void;
}

/** What presses and keys do in a grid. */
export function useGridInput(options: GridInputOptions): GridInput {
  const { container, files, layout, focus, selection, onOpen } = options;
  const order = useMemo(() => files.map(({ id }) => id), [files]);
  const press = (event: MouseEvent, file: File) => {
    // A new tab is what the browser makes of these.
    if (event.metaKey || event.ctrlKey || event.button !== 0) return;
    if (selection && event.shiftKey) selection.extendTo(file.id, order);
    else if (selection?.isActive) selection.toggle(file.id);
    else if (onOpen) onOpen(file);
    else return;
    event.preventDefault();
  };
  // Tiles get the same functions at every rendering.
  const latest = useRef({ press, selection });
  latest.current = { press, selection };
  const onPress = useCallback((event: MouseEvent, file: File) => latest.current.press(event, file), []);
  const onToggle = useCallback((file: File) => latest.current.selection?.toggle(file.id), []);

  const onKeyDown = (event: KeyboardEvent) => {
    const { key, shiftKey, target } = event;
    if (key === "Escape" && selection?.isActive && !event.defaultPrevented) selection.clear();
    const index = indexAt(target);
    const from = files[index];
    if (!from || !layout || event.altKey || event.ctrlKey || event.metaKey) return;
    if (key === " ") {
      if (!selection) return;
      event.preventDefault();
      if (shiftKey) selection.extendTo(from.id, order);
      else selection.toggle(from.id);
      return;
    }
    const element = container.current;
    if (!element) return;
    const { top, bottom } = visiblePart(element);
    const next = neighbourOf(layout, index, key, {
      pageHeight: bottom - top - (layout.rows[rowOf(layout, index)]?.height ?? 0),
      isRightToLeft: getComputedStyle(element).direction === "rtl",
    });
    const to = next === undefined ? undefined : files[next];
    if (next === undefined || !to) return;
    event.preventDefault();
    if (shiftKey) selection?.extendTo(to.id, order, from.id);
    focus.focus(next);
  };
  const onKeyUp = (event: KeyboardEvent) => {
    // Else Space presses a button, too.
    if (selection && event.key === " " && indexAt(event.target) >= 0) event.preventDefault();
  };
  return { onPress, onToggle, onKeyDown, onKeyUp };
}

/** Of what opens an item; -1 for all else. */
function indexAt(target: EventTarget): number {
  const index = target instanceof HTMLElement ? target.dataset.index : undefined;
  return index === undefined ? -1 : Number(index);
}
