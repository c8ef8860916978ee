import type { File } from "@stowage/client";
import {
  type ComponentPropsWithoutRef,
  createElement,
  type MouseEvent,
  memo,
  type ReactElement,
  type ReactNode,
} from "react";
import type { KeptPictures } from "../picture/file-picture.ts";
import { TilePicture } from "./tile-picture.ts";

/** What a tile is drawn from. */
export interface GridTile {
  readonly file: File;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly isSelected: boolean;
}

export interface GridTileProps extends GridTile {
  readonly index: number;
  /** Of how many; -1: nobody knows yet. */
  readonly of: number;
  readonly start: number;
  readonly top: number;
  /** Under which it stands. */
  readonly section: string | undefined;
  readonly href: string | undefined;
  readonly tabIndex: 0 | -1;
  /** What its link or button is called; nothing: as what is in it. */
  readonly open: string | undefined;
  /** What its box is called; without one there is none. */
  readonly select: string | undefined;
  readonly itemClass: string | undefined;
  readonly linkClass: string | undefined;
  readonly checkClass: string | undefined;
  readonly kept: KeptPictures | undefined;
  /** It passes by: nothing is in it yet. */
  readonly isBare: boolean;
  readonly renderTile: ((tile: GridTile) => ReactNode) | undefined;
  readonly renderCheck: ((isSelected: boolean) => ReactNode) | undefined;
  onPress(event: MouseEvent, file: File): void;
  onToggle(file: File): void;
}

/** One file of a grid: what opens it, and the box that selects it. */
export const GridTileItem = memo(function GridTileItem(props: GridTileProps): ReactElement {
  const { file, index, of, start, top, width, height, isSelected, section, href, tabIndex, select } = props;
  const tile: GridTile = { file, width, height, isSelected };
  const opener: ComponentPropsWithoutRef<"a"> & ComponentPropsWithoutRef<"button"> = {
    className: props.linkClass,
    style: filling,
    tabIndex,
    "aria-label": props.open,
    "aria-description": section,
    draggable: false,
    onClick: (event: MouseEvent) => props.onPress(event, file),
    children: props.isBare
      ? undefined
      : props.renderTile
        ? props.renderTile(tile)
        : createElement(TilePicture, { file, width, height, kept: props.kept }),
  };
  const at = { "data-index": index, "data-file": file.id };
  return createElement(
    "li",
    {
      className: props.itemClass,
      "data-selected": isSelected || undefined,
      "aria-posinset": index + 1,
      "aria-setsize": of,
      style: { position: "absolute", top, insetInlineStart: start, width, height },
    },
    href === undefined
      ? createElement("button", { ...opener, ...at, type: "button" })
      : createElement("a", { ...opener, ...at, href }),
    select !== undefined &&
      createElement(
        "label",
        { className: props.checkClass, "data-part": "check" },
        createElement("input", {
          type: "checkbox",
          "aria-label": select,
          checked: isSelected,
          tabIndex,
          onChange: () => props.onToggle(file),
        }),
        props.renderCheck?.(isSelected),
      ),
  );
});

/** Whatever it is displayed as. */
const filling = {
  position: "absolute",
  inset: 0,
  width: "100%",
  height: "100%",
  boxSizing: "border-box",
} as const;
