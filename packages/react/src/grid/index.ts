"use client";

export { FileGrid, type FileGridClassNames, type FileGridHandle, type FileGridProps } from "./file-grid.ts";
export type { GridTile } from "./grid-tile.ts";
export { englishGridWords, type GridWords } from "./grid-words.ts";
export type { GridMeasures } from "./justified-rows.ts";
export { measuresOf } from "./measures-of.ts";
export { noSelection, type Selection } from "./selection.ts";
export { shapeRatio } from "./shape-ratio.ts";
export { TilePicture, type TilePictureProps } from "./tile-picture.ts";
export { type NextPage, type PagedQuery, useNextPage } from "./use-next-page.ts";
export { type SelectionControl, useSelection } from "./use-selection.ts";
