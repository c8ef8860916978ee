import { createRandom, type Random } from "./random.ts";

/** The colours of an hour and a place. */
interface Mood {
  /** Of the sky, from the zenith to the horizon. */
  readonly sky: readonly [string, string, string];
  readonly sun: string;
  /** The farthest ridge and the nearest; those between are mixed. */
  readonly far: string;
  readonly near: string;
  readonly water: boolean;
  readonly stars: boolean;
  readonly trees: boolean;
  readonly snow: boolean;
}

/** Each is a picture of its own kind; `drawLandscape` takes them by name. */
export const moods = {
  dawn: {
    sky: ["#34508a", "#e59a8c", "#fde2b4"],
    sun: "#fff3d0",
    far: "#c08a9c",
    near: "#2b2a4a",
    water: true,
    stars: false,
    trees: false,
    snow: false,
  },
  noon: {
    sky: ["#1f6fc4", "#6fb4ea", "#dcf0fa"],
    sun: "#ffffff",
    far: "#9dbfd6",
    near: "#1e5a3a",
    water: true,
    stars: false,
    trees: true,
    snow: true,
  },
  dusk: {
    sky: ["#231a4f", "#a33a6d", "#ff9a56"],
    sun: "#ffd27a",
    far: "#8a3c6b",
    near: "#140f2b",
    water: true,
    stars: false,
    trees: false,
    snow: false,
  },
  night: {
    sky: ["#050b1f", "#10264f", "#2f5b83"],
    sun: "#f4f1de",
    far: "#2b5170",
    near: "#04080f",
    water: true,
    stars: true,
    trees: true,
    snow: false,
  },
  desert: {
    sky: ["#3f86b8", "#a9d0d8", "#fbe6c0"],
    sun: "#fffbe6",
    far: "#dba56f",
    near: "#8a4421",
    water: false,
    stars: false,
    trees: false,
    snow: false,
  },
  fog: {
    sky: ["#8fa6ad", "#b9c8c9", "#e3e8e3"],
    sun: "#f7f5ea",
    far: "#b4c4c3",
    near: "#16332d",
    water: false,
    stars: false,
    trees: true,
    snow: false,
  },
  winter: {
    sky: ["#5b84b1", "#a8c6e2", "#f6eee8"],
    sun: "#fffaf0",
    far: "#b7cadf",
    near: "#4a6a8a",
    water: true,
    stars: false,
    trees: true,
    snow: true,
  },
  autumn: {
    sky: ["#4f7fae", "#b8cfd8", "#fbe9cf"],
    sun: "#fff4dc",
    far: "#b59a8c",
    near: "#7a3512",
    water: true,
    stars: false,
    trees: true,
    snow: false,
  },
} satisfies Record<string, Mood>;

export type MoodName = keyof typeof moods;

export interface LandscapeOptions {
  readonly mood: MoodName;
  readonly seed: number;
  readonly width: number;
  readonly height: number;
}

const channels = (colour: string): number[] =>
  [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));

/** A colour between two: 0 is the first, 1 the second. */
function mix(one: string, other: string, share: number): string {
  const to = channels(other);
  const mixed = channels(one).map((value, at) => Math.round(value + ((to[at] ?? 0) - value) * share));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** Heights from 0 to 1 by midpoint displacement: each halving adds less, as slopes do. */
function makeRidge(random: Random, roughness: number, halvings = 8): number[] {
  let heights = [random.next(), random.next(), random.next()];
  for (let step = 0, reach = roughness; step < halvings; step += 1, reach *= 0.52) {
    const finer: number[] = [];
    heights.forEach((height, at) => {
      finer.push(height);
      const next = heights[at + 1];
      if (next !== undefined) finer.push((height + next) / 2 + random.between(-reach, reach));
    });
    heights = finer;
  }
  const low = Math.min(...heights);
  const span = Math.max(...heights) - low;
  return heights.map((height) => (height - low) / span);
}

interface Layer {
  readonly path: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** A ridge as a filled outline down to `floor`. */
function outline(heights: readonly number[], width: number, top: number, base: number, floor: number): Layer {
  const points = heights.map(
    (height, at) =>
      [round((at / (heights.length - 1)) * width), round(base - height * (base - top))] as const,
  );
  const line = points.map(([x, y]) => `${x} ${y}`).join("L");
  return { path: `M0 ${floor}L${line}L${width} ${floor}Z`, points };
}

/** Firs along a ridge: three stacked triangles each. */
function plantTrees(random: Random, layer: Layer, size: number, count: number, colour: string): string {
  const trees = Array.from({ length: count }, () => {
    const [x, y] = layer.points[Math.floor(random.next() * layer.points.length)] ?? [0, 0];
    const height = size * random.between(0.55, 1.25);
    const half = height * 0.23;
    const foot = y + height * 0.12;
    const tiers = [0, 0.27, 0.52].map((tier) => {
      const spread = half * (0.5 + tier);
      const bottom = foot - height * (0.62 - tier * 1.15);
      return `M${round(x)} ${round(foot - height * (1 - tier * 0.7))}L${round(x + spread)} ${round(bottom)}L${round(x - spread)} ${round(bottom)}Z`;
    });
    return tiers.join("");
  });
  return `<path d="${trees.join("")}" fill="${colour}"/>`;
}

/** Snow on what stands above a line: the same outline, cut by a ragged edge. */
function capWithSnow(layer: Layer, top: number, base: number, id: number): string {
  const line = top + (base - top) * 0.34;
  const edge = layer.points
    .filter((_, at) => at % 6 === 0)
    .map(([x], at) => `${x} ${round(line + (at % 2 === 0 ? 1 : -1) * (base - top) * 0.05 * ((at % 3) + 1))}`);
  return `<clipPath id="cap${id}"><path d="M0 0L${edge.join("L")}L${layer.points.at(-1)?.[0] ?? 0} 0Z"/></clipPath>
<path d="${layer.path}" fill="#ffffff" fill-opacity="0.82" clip-path="url(#cap${id})"/>`;
}

/** An SVG of mountains behind one another under a sky, with a sun or a moon, perhaps by a lake. */
export function drawLandscape({ mood: name, seed, width, height }: LandscapeOptions): string {
  const random = createRandom(seed);
  const mood: Mood = moods[name];
  const horizon = height * random.between(0.58, 0.68);
  const floor = mood.water ? horizon : height;
  const sunX = width * random.between(0.2, 0.8);
  const sunY = horizon * random.between(mood.stars ? 0.2 : 0.35, mood.stars ? 0.4 : 0.72);
  const sunRadius = Math.min(width, height) * random.between(0.035, 0.06);

  const layerCount = 5;
  const layers = Array.from({ length: layerCount }, (_, at) => {
    const depth = at / (layerCount - 1);
    const top = horizon * (0.34 + depth * (mood.water ? 0.42 : 0.5));
    const base = mood.water ? horizon : horizon * (0.75 + depth * 0.55);
    const layer = outline(makeRidge(random, 0.55 - depth * 0.2), width, top, base, Math.max(floor, base));
    const colour = mix(mood.far, mood.near, depth ** 1.2);
    const id = `r${at}`;
    // Haze gathers at the foot of a slope.
    const haze = mix(colour, mood.sky[2], 0.5 * (1 - depth * 0.6));
    const parts = [
      `<linearGradient id="${id}" x1="0" y1="${round(top)}" x2="0" y2="${round(base)}" gradientUnits="userSpaceOnUse"><stop offset="0" stop-color="${colour}"/><stop offset="1" stop-color="${haze}"/></linearGradient>`,
      `<path d="${layer.path}" fill="url(#${id})"/>`,
    ];
    if (mood.snow && at < 2) parts.push(capWithSnow(layer, top, base, at));
    if (mood.trees && at >= layerCount - 2) {
      const size = height * (at === layerCount - 1 ? 0.085 : 0.05);
      parts.push(
        plantTrees(random, layer, size, Math.round(width / (size * 0.22)), mix(colour, "#000000", 0.18)),
      );
    }
    return parts.join("\n");
  });

  const stars = mood.stars
    ? Array.from({ length: 260 }, () => {
        const radius = random.between(0.3, 1.5) * (height / 900);
        return `<circle cx="${round(random.between(0, width))}" cy="${round(random.between(0, horizon * 0.8))}" r="${round(radius)}" fill="#fff" opacity="${round(random.between(0.3, 1))}"/>`;
      }).join("")
    : "";
  const clouds = mood.stars
    ? ""
    : Array.from({ length: 7 }, () => {
        const x = random.between(0, width);
        const y = random.between(horizon * 0.08, horizon * 0.5);
        const reach = width * random.between(0.08, 0.2);
        return `<ellipse cx="${round(x)}" cy="${round(y)}" rx="${round(reach)}" ry="${round(reach * random.between(0.05, 0.11))}" fill="${mix(mood.sky[2], "#ffffff", 0.6)}" opacity="${round(random.between(0.25, 0.6))}" filter="url(#soft)"/>`;
      }).join("");
  const land = `<g id="land">${layers.join("\n")}</g>`;
  const lake = mood.water ? drawLake(random, mood, { width, height, horizon, sunX, sunRadius }) : "";

  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<defs>
<linearGradient id="sky" x1="0" y1="0" x2="0" y2="${round(horizon)}" gradientUnits="userSpaceOnUse"><stop offset="0" stop-color="${mood.sky[0]}"/><stop offset="0.6" stop-color="${mood.sky[1]}"/><stop offset="1" stop-color="${mood.sky[2]}"/></linearGradient>
<radialGradient id="glow"><stop offset="0" stop-color="${mood.sun}" stop-opacity="0.9"/><stop offset="0.25" stop-color="${mood.sun}" stop-opacity="0.35"/><stop offset="1" stop-color="${mood.sun}" stop-opacity="0"/></radialGradient>
<filter id="soft" x="-50%" y="-200%" width="200%" height="500%"><feGaussianBlur stdDeviation="${round(width / 90)} ${round(height / 160)}"/></filter>
</defs>
<rect width="${width}" height="${height}" fill="url(#sky)"/>
${stars}
<circle cx="${round(sunX)}" cy="${round(sunY)}" r="${round(sunRadius * 6)}" fill="url(#glow)"/>
<circle cx="${round(sunX)}" cy="${round(sunY)}" r="${round(sunRadius)}" fill="${mood.sun}"/>
${clouds}
${land}
${lake}
</svg>`;
}

interface Shore {
  readonly width: number;
  readonly height: number;
  readonly horizon: number;
  readonly sunX: number;
  readonly sunRadius: number;
}

/** The land again, upside down and darkened, with ripples and the sun's path over it. */
function drawLake(random: Random, mood: Mood, { width, height, horizon, sunX, sunRadius }: Shore): string {
  const depth = height - horizon;
  const ripples = Array.from({ length: 90 }, () => {
    const away = random.next() ** 1.6;
    const y = horizon + depth * away;
    const isLit = random.next() < 0.45;
    const x = isLit ? sunX + random.between(-1, 1) * sunRadius * (1 + away * 4) : random.between(0, width);
    const reach = width * random.between(0.01, 0.05) * (0.4 + away);
    return `<ellipse cx="${round(x)}" cy="${round(y)}" rx="${round(reach)}" ry="${round(Math.max(0.6, depth * 0.006 * (0.4 + away)))}" fill="${isLit ? mood.sun : mood.sky[1]}" opacity="${isLit ? 0.5 : 0.25}"/>`;
  }).join("");
  return `<linearGradient id="lake" x1="0" y1="${round(horizon)}" x2="0" y2="${height}" gradientUnits="userSpaceOnUse"><stop offset="0" stop-color="${mood.sky[2]}"/><stop offset="0.35" stop-color="${mood.sky[1]}"/><stop offset="1" stop-color="${mix(mood.sky[0], mood.near, 0.45)}"/></linearGradient>
<clipPath id="water"><rect x="0" y="${round(horizon)}" width="${width}" height="${round(depth)}"/></clipPath>
<rect x="0" y="${round(horizon)}" width="${width}" height="${round(depth)}" fill="url(#lake)"/>
<g clip-path="url(#water)"><use xlink:href="#land" transform="translate(0 ${round(horizon * 2)}) scale(1 -1)" opacity="0.5"/>
${ripples}</g>`;
}
