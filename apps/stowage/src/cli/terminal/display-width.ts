const combining = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
const emoji = /\p{Emoji_Presentation}|\ufe0f/u;

/** East Asian Wide and Fullwidth (Unicode TR11), by ranges that are wide throughout or nearly so. */
const wideRanges: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18d08],
  [0x1b000, 0x1b2fb],
  [0x20000, 0x3fffd],
];

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

function widthOfGrapheme(grapheme: string): number {
  if (combining.test(grapheme)) return 0;
  if (emoji.test(grapheme)) return 2;
  const codePoint = grapheme.codePointAt(0) ?? 0;
  return wideRanges.some(([from, to]) => codePoint >= from && codePoint <= to) ? 2 : 1;
}

/** Columns that a text without controls takes on a terminal. */
export function displayWidth(text: string): number {
  let columns = 0;
  for (const { segment } of segmenter.segment(text)) columns += widthOfGrapheme(segment);
  return columns;
}

/** The text in exactly so many columns: filled with spaces, or its middle replaced by `…`, as names end in what matters. */
export function fitColumns(text: string, columns: number): string {
  const width = displayWidth(text);
  if (width <= columns) return text + " ".repeat(columns - width);
  if (columns <= 0) return "";
  const graphemes = Array.from(segmenter.segment(text), ({ segment }) => segment);
  const tailColumns = Math.floor((columns - 1) / 2);
  const tail = takeColumns(graphemes.toReversed(), tailColumns).toReversed();
  const head = takeColumns(graphemes, columns - 1 - tailColumns);
  const shortened = `${head.join("")}…${tail.join("")}`;
  return shortened + " ".repeat(Math.max(0, columns - displayWidth(shortened)));
}

function takeColumns(graphemes: readonly string[], columns: number): string[] {
  const taken: string[] = [];
  let used = 0;
  for (const grapheme of graphemes) {
    used += widthOfGrapheme(grapheme);
    if (used > columns) break;
    taken.push(grapheme);
  }
  return taken;
}
