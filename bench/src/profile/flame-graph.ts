import type { ProfileBranch } from "./profile-tree.ts";

const widthPx = 1200;
const rowPx = 17;
/** Narrower than this nothing can be seen. */
const leastPx = 1.5;
/** Of the text, about. */
const characterPx = 6.6;

const escapeXml = (text: string): string =>
  text.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** Warm colours, the same for the same name in every picture. */
function colourOf(name: string): string {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 997;
  return `hsl(${10 + (hash % 45)} ${75 + (hash % 15)}% ${68 + (hash % 10)}%)`;
}

/**
 * A flame graph (https://www.brendangregg.com/flamegraphs.html) as SVG, callers above what they call: as wide as a
 * function's share of the time in which anything ran. Pointing at a box tells its name and share.
 */
export function flameGraph(root: ProfileBranch, title: string): string {
  const boxes: string[] = [];
  let deepest = 0;
  const draw = ({ calls }: ProfileBranch, leftPx: number, depth: number): void => {
    let x = leftPx;
    for (const branch of [...calls.values()].sort((a, b) => b.share - a.share)) {
      const width = branch.share * widthPx;
      if (width < leastPx) continue;
      deepest = Math.max(deepest, depth);
      const y = 30 + depth * rowPx;
      const room = Math.floor((width - 6) / characterPx);
      const label = room < 3 ? "" : branch.name.slice(0, room);
      boxes.push(
        `<g><title>${escapeXml(branch.name)}: ${(branch.share * 100).toFixed(1)}%</title>` +
          `<rect x="${x.toFixed(1)}" y="${y}" width="${(width - 0.5).toFixed(1)}" height="${rowPx - 1}" fill="${colourOf(branch.name)}"/>` +
          `<text x="${(x + 3).toFixed(1)}" y="${y + 12}">${escapeXml(label)}</text></g>`,
      );
      draw(branch, x, depth + 1);
      x += width;
    }
  };
  draw(root, 0, 0);
  const heightPx = 30 + (deepest + 1) * rowPx + 6;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${widthPx} ${heightPx}" font-family="monospace" font-size="11">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${widthPx}" height="${heightPx}" fill="#fff"/>`,
    `<text x="6" y="19" font-size="14">${escapeXml(title)}</text>`,
    ...boxes,
    "</svg>",
    "",
  ].join("\n");
}
