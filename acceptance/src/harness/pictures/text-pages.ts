import { createRandom } from "./random.ts";

export interface TextPageOptions {
  readonly title: string;
  readonly seed: number;
  readonly width: number;
  readonly height: number;
}

const words =
  "bay berth bollard bulkhead cargo crane crate deck derrick dock draught ferry harbour hatch hold hull keel ledger lighter load manifest mast mooring pallet pier port quay rope rudder sail sheet slip stow tally tide tonnage tow vessel voyage wake ward wharf winch".split(
    " ",
  );

/** An SVG of a typed page: a title, a rule, paragraphs, on paper that has a shade. */
export function drawTextPage({ title, seed, width, height }: TextPageOptions): string {
  const random = createRandom(seed);
  const margin = width * 0.11;
  const size = width / 46;
  const leading = size * 1.55;
  const lines: string[] = [];
  let y = margin * 1.1 + size * 6;
  while (y < height - margin * 1.4) {
    const lineCount = Math.round(random.between(3, 7));
    for (let at = 0; at < lineCount && y < height - margin * 1.2; at += 1, y += leading) {
      const isLast = at === lineCount - 1;
      const room = (width - margin * 2) * (isLast ? random.between(0.3, 0.8) : 1);
      let text = "";
      while ((text.length + 8) * size * 0.46 < room) {
        const word = random.pick(words);
        text += at === 0 && text === "" ? word.charAt(0).toUpperCase() + word.slice(1) : ` ${word}`;
      }
      lines.push(`<text x="${margin}" y="${Math.round(y)}">${text.trim()}${isLast ? "." : ""}</text>`);
    }
    y += leading * 0.8;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<defs><linearGradient id="paper" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#fdfbf5"/><stop offset="1" stop-color="#ece5d6"/></linearGradient></defs>
<rect width="${width}" height="${height}" fill="url(#paper)"/>
<g font-family="Liberation Serif, Georgia, serif" fill="#2c2a26" font-size="${size}">
<text x="${margin}" y="${margin + size * 1.6}" font-size="${size * 2.2}" font-weight="bold">${title}</text>
<rect x="${margin}" y="${margin + size * 2.6}" width="${width - margin * 2}" height="${size * 0.12}" fill="#9a4a2f"/>
${lines.join("\n")}
</g></svg>`;
}
