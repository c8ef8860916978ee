import { createRandom } from "./random.ts";

export interface PortraitOptions {
  readonly seed: number;
  readonly width: number;
  readonly height: number;
}

/** Background, its second tone, clothes, hair. */
const palettes = [
  ["#f2c879", "#e59f71", "#35524a", "#3a2618"],
  ["#9ec5d8", "#6d9dc5", "#c1440e", "#1d1a1a"],
  ["#e8b4bc", "#c97b84", "#2e4057", "#6b3e26"],
  ["#b8d8ba", "#7fb285", "#5d2e46", "#c9a227"],
  ["#cdb4db", "#a08bc4", "#f4a259", "#2b2d42"],
  ["#f6bd60", "#f28482", "#284b63", "#84593d"],
  ["#84a59d", "#52796f", "#f7ede2", "#9a3b26"],
] as const;

const skins = ["#f4d3b8", "#e8b48c", "#c98b5e", "#8d5a3b", "#5c3a27"] as const;

/** An SVG of a person in shapes: head, hair, shoulders, before a sun. */
export function drawPortrait({ seed, width, height }: PortraitOptions): string {
  const random = createRandom(seed);
  const [light, deep, clothes, hair] = random.pick(palettes);
  const skin = random.pick(skins);
  const unit = Math.min(width, height) / 100;
  const x = width / 2;
  const y = height * 0.46;
  const face = { rx: 14.5 * unit, ry: 18 * unit };
  const isLong = random.next() < 0.5;
  const hasGlasses = random.next() < 0.4;
  const hasBeard = !isLong && random.next() < 0.4;
  const shoulders = height - (y + face.ry * 1.5);
  const behind = isLong
    ? `<path d="M${x - face.rx * 1.3} ${y - face.ry * 0.1}C${x - face.rx * 1.7} ${y - face.ry * 1.7} ${x + face.rx * 1.7} ${y - face.ry * 1.7} ${x + face.rx * 1.3} ${y - face.ry * 0.1}L${x + face.rx * 1.55} ${y + face.ry * 1.75}Q${x} ${y + face.ry * 2.1} ${x - face.rx * 1.55} ${y + face.ry * 1.75}Z" fill="${hair}"/>`
    : "";
  const fringe = `<path d="M${x - face.rx * 1.06} ${y - face.ry * 0.05}C${x - face.rx * 1.25} ${y - face.ry * 1.45} ${x + face.rx * 1.25} ${y - face.ry * 1.5} ${x + face.rx * 1.06} ${y - face.ry * 0.05}C${x + face.rx * 0.95} ${y - face.ry * 0.6} ${x + face.rx * 0.2} ${y - face.ry * 0.45} ${x - face.rx * 0.25} ${y - face.ry * 0.62}C${x - face.rx * 0.6} ${y - face.ry * 0.6} ${x - face.rx * 0.95} ${y - face.ry * 0.5} ${x - face.rx * 1.06} ${y - face.ry * 0.05}Z" fill="${hair}"/>`;
  const beard = hasBeard
    ? `<path d="M${x - face.rx} ${y + face.ry * 0.1}C${x - face.rx} ${y + face.ry * 1.3} ${x + face.rx} ${y + face.ry * 1.3} ${x + face.rx} ${y + face.ry * 0.1}C${x + face.rx * 0.7} ${y + face.ry * 0.5} ${x - face.rx * 0.7} ${y + face.ry * 0.5} ${x - face.rx} ${y + face.ry * 0.1}Z" fill="${hair}"/>`
    : "";
  const eyes = [-0.4, 0.4]
    .map((side) => {
      const cx = x + side * face.rx;
      const glass = hasGlasses
        ? `<circle cx="${cx}" cy="${y}" r="${face.rx * 0.3}" fill="#ffffff" fill-opacity="0.25" stroke="#2b2b2b" stroke-width="${unit * 0.7}"/>`
        : "";
      return `<ellipse cx="${cx}" cy="${y}" rx="${unit * 1.1}" ry="${unit * 1.4}" fill="#221a17"/>${glass}`;
    })
    .join("");
  const cheeks = [-0.58, 0.58]
    .map(
      (side) =>
        `<circle cx="${x + side * face.rx}" cy="${y + face.ry * 0.36}" r="${unit * 2.6}" fill="#e0605a" opacity="0.22"/>`,
    )
    .join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<defs><linearGradient id="back" x1="0" y1="0" x2="0.4" y2="1"><stop offset="0" stop-color="${light}"/><stop offset="1" stop-color="${deep}"/></linearGradient>
<linearGradient id="cloth" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${clothes}"/><stop offset="1" stop-color="${clothes}" stop-opacity="0.82"/></linearGradient></defs>
<rect width="${width}" height="${height}" fill="url(#back)"/>
<circle cx="${x + random.between(-12, 12) * unit}" cy="${y - 4 * unit}" r="${random.between(30, 38) * unit}" fill="#ffffff" opacity="0.22"/>
${behind}
<path d="M${x - 40 * unit} ${height}C${x - 38 * unit} ${height - shoulders * 0.95} ${x - 20 * unit} ${height - shoulders} ${x} ${height - shoulders}C${x + 20 * unit} ${height - shoulders} ${x + 38 * unit} ${height - shoulders * 0.95} ${x + 40 * unit} ${height}Z" fill="url(#cloth)"/>
<path d="M${x - 6 * unit} ${y + face.ry * 0.7}L${x - 7.5 * unit} ${height - shoulders + 1.5 * unit}Q${x} ${height - shoulders + 9 * unit} ${x + 7.5 * unit} ${height - shoulders + 1.5 * unit}L${x + 6 * unit} ${y + face.ry * 0.7}Z" fill="${skin}"/>
<path d="M${x - 6 * unit} ${y + face.ry * 0.86}Q${x} ${y + face.ry * 1.3} ${x + 6 * unit} ${y + face.ry * 0.86}L${x + 6.6 * unit} ${y + face.ry * 1.12}Q${x} ${y + face.ry * 1.5} ${x - 6.6 * unit} ${y + face.ry * 1.12}Z" fill="#000" opacity="0.12"/>
<ellipse cx="${x - face.rx * 1.02}" cy="${y + face.ry * 0.08}" rx="${unit * 2.4}" ry="${unit * 3.6}" fill="${skin}"/><ellipse cx="${x + face.rx * 1.02}" cy="${y + face.ry * 0.08}" rx="${unit * 2.4}" ry="${unit * 3.6}" fill="${skin}"/>
<ellipse cx="${x}" cy="${y}" rx="${face.rx}" ry="${face.ry}" fill="${skin}"/>
${cheeks}${beard}${eyes}
<path d="M${x} ${y + unit}Q${x + 2.4 * unit} ${y + 6 * unit} ${x - 0.4 * unit} ${y + 6 * unit}" fill="none" stroke="#000" stroke-opacity="0.28" stroke-width="${unit * 0.8}" stroke-linecap="round"/>
<path d="M${x - 5 * unit} ${y + face.ry * 0.55}Q${x} ${y + face.ry * 0.78} ${x + 5 * unit} ${y + face.ry * 0.55}" fill="none" stroke="#8c2f2a" stroke-width="${unit * 1.2}" stroke-linecap="round"/>
${fringe}
</svg>`;
}
