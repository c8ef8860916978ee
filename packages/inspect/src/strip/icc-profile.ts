import { createHash } from "node:crypto";
import { usedOfElement } from "./icc-elements.ts";
import type { Stretch } from "./stretches.ts";

/** A profile's header, then the count of its tags (ICC.1:2022 section 7.2 and 7.3). */
const leastBytes = 132;

/** Signature, place and size of an element. */
const tagBytes = 12;

/** No scanner's or printer's profile is larger by far; what a camera writes has a few hundred bytes. */
const mostBytes = 16 * 1024 * 1024;

const classes: ReadonlySet<string> = new Set(["scnr", "mntr", "prtr", "spac", "abst", "link", "nmcl"]);
const spaces =
  /^(?:RGB |GRAY|CMYK|CMY |Lab |XYZ |Luv |YCbr|Yxy |HSV |HLS |[2-9A-F]CLR|MCH[1-9A-F])(?:XYZ |Lab )$/;

/** Of programs, platforms, manufacturers and models in headers those that everybody's profiles have: others could say whose screen it is. */
const knownNames: ReadonlySet<string> = new Set([
  ...[
    "\0\0\0\0",
    "none",
    "ADBE",
    "APPL",
    "appl",
    "GOOG",
    "HP  ",
    "IEC ",
    "KODA",
    "MSFT",
    "SGI ",
    "SUNW",
    "*nix",
  ],
  ...["lcms", "argl", "Lino", "KCMS", "UCCM", "skcm", "sRGB", "ROMM", "saws", "ctrl", "hand"],
]);

/** Where names stand in a header: preferred program, platform, manufacturer, model, who made it. */
const names = [4, 40, 48, 52, 80] as const;

/** Bits that mean something (section 7.2): versions, flags, attributes, intents. */
const masks: readonly (readonly [at: number, mask: number])[] = [
  [8, 0xffff0000],
  [44, 0x00000003],
  [56, 0],
  [60, 0x0000000f],
  [64, 0x00000003],
];

/** X, Y and Z of the light in which all profiles meet, of which some write the last digit otherwise. */
const illuminant = [0xf6d6, 0x10000, 0xd32d] as const;
const illuminantFrom = 68;
const illuminantTolerance = 0x10;

const createdFrom = 24;
/** Years, months, days, hours, minutes, seconds. */
const createdRanges = [
  [1980, 2100],
  [1, 12],
  [1, 31],
  [0, 23],
  [0, 59],
  [0, 60],
] as const;

const idFrom = 84;
const idTo = 100;

/**
 * What of a colour profile colours need: tags that ICC.1 defines for them, and its description and copyright. Other tags, which are
 * somebody's own or tell of a device, go, and whatever no tag that stays uses becomes zeros. Places within it do not change.
 *
 * @param bytes - that begin with a profile; it says itself how long it is, and readers take it where something follows
 * @returns as many bytes as it says that it has; `undefined` where it is none that readers take
 */
export function keptProfile(bytes: Buffer): Buffer | undefined {
  if (bytes.length < leastBytes) return undefined;
  const sizeBytes = bytes.readUInt32BE(0);
  if (sizeBytes < leastBytes || sizeBytes > Math.min(bytes.length, mostBytes)) return undefined;
  const profile = bytes.subarray(0, sizeBytes);
  const count = profile.readUInt32BE(128);
  const tagsTo = leastBytes + count * tagBytes;
  if (
    profile.toString("latin1", 36, 40) !== "acsp" ||
    !classes.has(profile.toString("latin1", 12, 16)) ||
    !spaces.test(profile.toString("latin1", 16, 24)) ||
    tagsTo > sizeBytes
  )
    return undefined;

  const kept = Buffer.alloc(sizeBytes);
  const stretches: Stretch[] = [];
  const seen = new Set<string>();
  let keptTagsTo = leastBytes;
  for (let at = leastBytes; at < tagsTo; at += tagBytes) {
    const signature = profile.toString("latin1", at, at + 4);
    const from = profile.readUInt32BE(at + 4);
    const to = from + profile.readUInt32BE(at + 8);
    if (from < tagsTo || to > sizeBytes) return undefined;
    const used = seen.has(signature) ? undefined : usedOfElement(signature, profile.subarray(from, to));
    if (!used) continue;
    seen.add(signature);
    profile.copy(kept, keptTagsTo, at, at + tagBytes);
    keptTagsTo += tagBytes;
    for (const [usedFrom, usedTo] of used) stretches.push([from + usedFrom, from + usedTo]);
  }
  for (const [from, to] of stretches) profile.copy(kept, from, from, to);
  kept.writeUInt32BE(seen.size, 128);
  writeHeader(profile, kept);
  return kept;
}

function writeHeader(profile: Buffer, kept: Buffer): void {
  profile.copy(kept, 0, 0, 84);
  for (const at of names) if (!knownNames.has(kept.toString("latin1", at, at + 4))) kept.fill(0, at, at + 4);
  for (const [at, mask] of masks) kept.writeUInt32BE((kept.readUInt32BE(at) & mask) >>> 0, at);
  const isDated = createdRanges.every(([least, most], index) => {
    const value = kept.readUInt16BE(createdFrom + index * 2);
    return value >= least && value <= most;
  });
  if (!isDated) kept.fill(0, createdFrom, createdFrom + createdRanges.length * 2);
  for (const [index, value] of illuminant.entries()) {
    const at = illuminantFrom + index * 4;
    if (Math.abs(kept.readUInt32BE(at) - value) > illuminantTolerance) kept.writeUInt32BE(value, at);
  }
  // A digest of itself, or none.
  const id = profile.subarray(idFrom, idTo);
  if (id.equals(idOf(kept))) id.copy(kept, idFrom);
}

/** A profile's digest, but for what may be changed in it (section 7.2.18). */
function idOf(profile: Buffer): Buffer {
  const fixed = Buffer.from(profile);
  for (const [from, to] of [
    [44, 48],
    [64, 68],
    [idFrom, idTo],
  ] as const)
    fixed.fill(0, from, to);
  return createHash("md5").update(fixed).digest();
}
