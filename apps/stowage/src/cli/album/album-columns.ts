import type { Album } from "@stowage/client";
import { escapeText } from "../escape-text.ts";
import type { Column } from "../terminal/format-table.ts";
import { formatTime } from "../terminal/format-time.ts";

export const albumColumns: readonly Column[] = [
  { title: "ALBUM" },
  { title: "NAME" },
  { title: "FILES", align: "right" },
  { title: "ROLE" },
  { title: "SEALED UNTIL" },
];

/** An album as a line of a table. */
export const albumRow = ({ id, name, count, role, sealed, revealAt }: Album): string[] => [
  id,
  escapeText(name),
  String(count),
  role ?? "",
  sealed && revealAt !== undefined ? formatTime(revealAt) : "",
];
