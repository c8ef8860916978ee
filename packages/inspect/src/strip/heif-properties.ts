import { keptProfile } from "./icc-profile.ts";

/** Alpha planes (ISO/IEC 23008-12 annex E.2.4, MIAF): of auxiliary pictures the one that showing another needs. */
const alphaPlanes: ReadonlySet<string> = new Set([
  "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha",
  "urn:mpeg:hevc:2015:auxid:1",
]);

/** How many bytes those properties have that are numbers alone (ISO/IEC 23008-12 section 6.5, AV1-ISOBMFF, MIAF). */
const sizesBytes: ReadonlyMap<string, readonly number[]> = new Map([
  ["ispe", [12]],
  ["pasp", [8]],
  ["clap", [32]],
  ["irot", [1]],
  ["imir", [1]],
  ["clli", [4]],
  ["mdcv", [24]],
  ["amve", [8]],
  ["ndwt", [8]],
  ["lsel", [2]],
  ["a1op", [1]],
  ["a1lx", [7, 13]],
]);

/** The type of an auxiliary picture that `auxC` names, and where the name ends. */
function auxiliaryType(content: Buffer): { readonly type: string; readonly to: number } {
  const end = content.indexOf(0, 4);
  return end === -1
    ? { type: "", to: content.length }
    : { type: content.toString("latin1", 4, end), to: end + 1 };
}

/** Whether `auxC` says that it is another picture's transparency. */
export const isAlphaPlane = (auxC: Buffer): boolean => alphaPlanes.has(auxiliaryType(auxC).type);

/**
 * A property of a picture as it may stay, of the same size. What coded pictures are told by (`hvcC`, `av1C`) is looked at where those are.
 *
 * @returns `undefined` where it must go: it is of a kind that showing a picture does not need (names, descriptions, times), or
 *   not as its kind is
 */
export function keptProperty(type: string, content: Buffer): Buffer | undefined {
  const sizes = sizesBytes.get(type);
  if (sizes) return sizes.includes(content.length) ? content : undefined;
  switch (type) {
    case "hvcC":
    case "av1C":
      return content;
    case "pixi":
      return content.length === 5 + (content[4] ?? 0) ? content : undefined;
    case "colr":
      return keptColours(content);
    case "auxC": {
      const { to } = auxiliaryType(content);
      if (!isAlphaPlane(content)) return undefined;
      const named = Buffer.alloc(content.length);
      content.copy(named, 0, 0, to);
      return named;
    }
    default:
      return undefined;
  }
}

/** What `colr` says without what does not make colours, as long as it was; `undefined` where it says none. */
export function keptColours(content: Buffer): Buffer | undefined {
  const kind = content.toString("latin1", 0, 4);
  if (kind === "nclx") return content.length === 11 ? content : undefined;
  const profile = kind === "prof" || kind === "rICC" ? keptProfile(content.subarray(4)) : undefined;
  if (!profile) return undefined;
  const kept = Buffer.alloc(content.length);
  content.copy(kept, 0, 0, 4);
  profile.copy(kept, 4);
  return kept;
}
