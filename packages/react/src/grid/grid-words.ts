import type { File } from "@stowage/client";

/** Every string of a `<FileGrid>`. */
export interface GridWords {
  /** Names the list. */
  readonly list: string;
  /** Names what opens a file; nothing: what is in its tile does, a picture by its `alt`. */
  open(file: File): string | undefined;
  /** Names the box that selects a file. */
  select(file: File): string;
  /** Said when another number of files is selected. */
  selected(count: number): string;
}

export const englishGridWords: GridWords = {
  list: "Files",
  open: () => undefined,
  select: ({ name }) => `Select ${name}`,
  selected: (count) => (count === 0 ? "Nothing selected" : `${count.toLocaleString("en")} selected`),
};
