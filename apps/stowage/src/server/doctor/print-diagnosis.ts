import { escapeText } from "../../cli/escape-text.ts";
import { displayWidth } from "../../cli/terminal/display-width.ts";
import type { Diagnosis } from "./diagnosis.ts";

const marks: Readonly<Record<Diagnosis["status"], string>> = {
  ok: "✓",
  warning: "!",
  failed: "✗",
  skipped: "–",
};

/** Room for the names of checks; a longer one has a line of its own. */
const nameColumns = 20;
const indentColumns = 2 + nameColumns;
const narrowestColumns = 20;

/** Lines of one diagnosis, none wider than `columns`, but for a word that is. */
export function printDiagnosis({ check, status, detail, fix }: Diagnosis, columns: number): string[] {
  const room = Math.max(narrowestColumns, columns - indentColumns);
  const indent = " ".repeat(indentColumns);
  const words = wrap(escapeText(detail), room);
  const head = `${marks[status]} ${check}`;
  const lines =
    check.length < nameColumns
      ? words.map((line, index) => (index === 0 ? head.padEnd(indentColumns) : indent) + line)
      : [head, ...words.map((line) => indent + line)];
  const advice = fix === undefined ? [] : wrap(escapeText(fix), room - 2);
  return [...lines, ...advice.map((line, index) => `${indent}${index === 0 ? "→ " : "  "}${line}`)];
}

function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (displayWidth(longer) <= columns) line = longer;
    else {
      if (line !== "") lines.push(line);
      line = word;
    }
  }
  return line === "" ? lines : [...lines, line];
}
