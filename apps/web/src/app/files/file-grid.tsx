import type { File } from "@stowage/client";
import {
  type FileGridHandle,
  FileGrid as Grid,
  type GridTile,
  type NextPage,
  type SelectionControl,
} from "@stowage/react/grid";
import { Check } from "lucide-react";
import { type Ref, useMemo } from "react";
import { filePath } from "../screens/screen-of.ts";
import { dayGroup } from "./day-group.ts";
import { TileFace, tileClass } from "./tile-face.tsx";

export interface FileGridProps {
  readonly files: readonly File[];
  readonly nextPage: NextPage;
  /** The time under whose day a file stands; without one there are no headings. The same function until the list is another. */
  readonly dayOf: ((file: File) => string) | undefined;
  /** Without one there are no boxes. */
  readonly selection?: SelectionControl;
  readonly onOpen: (id: string) => void;
  readonly handle: Ref<FileGridHandle>;
}

const classNames = {
  section: "grid-heading",
  item: "tile",
  link: tileClass,
  check: "tile-check",
};
const face = (tile: GridTile) => <TileFace {...tile} />;
const check = () => (
  <span aria-hidden="true">
    <Check />
  </span>
);
const pathOf = ({ id }: File) => filePath(id);

/** A person's files under their days, to be opened and selected. */
export function FileGrid({ files, nextPage, dayOf, selection, onOpen, handle }: FileGridProps) {
  // Another day is another Today.
  const today = new Date().toDateString();
  const sectionOf = useMemo(
    () => dayOf && ((file: File) => dayGroup(new Date(dayOf(file)), new Date(today))),
    [dayOf, today],
  );
  return (
    <Grid
      files={files}
      {...nextPage}
      sectionOf={sectionOf}
      selection={selection}
      // The bar that comes with a selection says how many.
      announcement={false}
      hrefOf={pathOf}
      onOpen={({ id }) => onOpen(id)}
      classNames={classNames}
      renderTile={face}
      renderCheck={check}
      ref={handle}
    />
  );
}
