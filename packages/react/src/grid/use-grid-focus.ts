import type { File } from "@stowage/client";
import { type FocusEvent, type RefObject, useLayoutEffect, useRef, useState } from "react";
import type { GridLayout } from "./justified-rows.ts";

interface Active {
  readonly id: string;
  /** At which it was; files come and go before it. */
  readonly index: number;
  /** It is to get the focus once it is on the page. */
  readonly isWanted: boolean;
}

export interface GridFocus {
  /** The item that has the focus, had it last or is to get it; -1: none. Its row must be on the page, in sight or not. */
  readonly index: number;
  /** Brings an item into sight and gives it the focus. */
  focus(index: number): void;
  onFocus(event: FocusEvent): void;
  onBlur(event: FocusEvent): void;
}

/** The focus in a list of which only a part is on the page. Where the item that has it goes, the next one gets it. */
export function useGridFocus(
  list: RefObject<HTMLElement | null>,
  files: readonly File[],
  layout: GridLayout | undefined,
  look: () => void,
): GridFocus {
  const [active, setActive] = useState<Active>();
  const [isInside, setInside] = useState(false);
  const isWhereItWas = active && files[active.index]?.id === active.id;
  const index = isWhereItWas ? active.index : active ? files.findIndex(({ id }) => id === active.id) : -1;

  const focus = (target: number) => {
    // The last ones may wait for what fills their row.
    const at = Math.min(target, (layout?.rows.at(-1)?.end ?? 0) - 1);
    const id = files[at]?.id;
    if (id !== undefined) setActive({ id, index: at, isWanted: true });
  };

  useLayoutEffect(() => {
    if (!active?.isWanted) return;
    const item = list.current?.querySelector<HTMLElement>(`[data-index="${index}"]`);
    item?.focus({ preventScroll: true });
    item?.closest("li")?.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
    setActive({ ...active, isWanted: false });
    if (item) setInside(true);
    look();
  }, [active, index, list, look]);

  const before = useRef(files);
  useLayoutEffect(() => {
    const old = before.current;
    before.current = files;
    // React tells of no blur where it takes away what has the focus.
    const isLost = isInside && index < 0 && isNowhere();
    if (!isLost || !active) return;
    const left = new Map(files.map(({ id }, at) => [id, at]));
    const at = old.findIndex(({ id }) => id === active.id);
    const isLeft = ({ id }: File) => left.has(id);
    const next = old.slice(at).find(isLeft) ?? old.slice(0, Math.max(0, at)).findLast(isLeft);
    if (next) focus(left.get(next.id) ?? 0);
    else list.current?.focus();
  });

  return {
    index,
    focus,
    onFocus({ target }) {
      const at = Number(
        target.closest("li")?.querySelector("[data-index]")?.getAttribute("data-index") ?? -1,
      );
      const id = files[at]?.id;
      if (id !== undefined) setActive({ id, index: at, isWanted: false });
      setInside(true);
    },
    onBlur({ target, relatedTarget, currentTarget }) {
      // Another window has the focus: when this one gets it back, the item has it.
      const isStillThere = document.activeElement === target;
      if (!isStillThere && !(relatedTarget instanceof Node && currentTarget.contains(relatedTarget)))
        setInside(false);
    },
  };
}

const isNowhere = (): boolean => !document.activeElement || document.activeElement === document.body;
