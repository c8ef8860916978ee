import { assertFew, fill, type Patch } from "./blank.ts";
import type { ByteSource } from "./iso-boxes.ts";
import { UnstrippableError } from "./pieces.ts";
import { headerBytesOf, type NalCodec, rewriteMessages } from "./sei-messages.ts";

/**
 * What is kept as it is (H.264 table 7-1, H.265 table 7-1): slices, parameter sets, delimiters and ends. Not those of H.264's further views,
 * layers and auxiliary pictures (14, 15, 19, 20): what would tell a player of them goes, too.
 */
const keptUnits: Readonly<Record<NalCodec, ReadonlySet<number>>> = {
  avc: new Set([1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 13]),
  hevc: new Set([...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 18, 19, 20, 21], ...[32, 33, 34, 35, 36, 37]]),
};
/** Of HEVC, Dolby Vision's numbers for each picture. */
const dolbyVisionUnit = 62;
const messageUnits: Readonly<Record<NalCodec, ReadonlySet<number>>> = {
  avc: new Set([6]),
  hevc: new Set([39, 40]),
};
/** Delimiters and ends, which hold no more than that they are there. */
const shortUnits: Readonly<Record<NalCodec, ReadonlySet<number>>> = {
  avc: new Set([9, 10, 11]),
  hevc: new Set([35, 36, 37]),
};
const shortUnitBytes = 4;
/** Filler, which every decoder passes over. */
const fillerUnit: Readonly<Record<NalCodec, number>> = { avc: 12, hevc: 38 };

/** Longer ones hold no messages that a player needs: they become filler unread. */
const maxMessagesBytes = 1024 * 1024;

const typeOf = (codec: NalCodec, first: number): number => (codec === "avc" ? first & 31 : (first >> 1) & 63);

/**
 * Patches over what of a sample is not needed to show it: messages beside the picture (`rewriteMessages`), and units of other kinds than are known here, which
 * become filler of the same size.
 *
 * @throws UnstrippableError where the units are not as long as the sample
 */
export async function stripUnits(
  source: ByteSource,
  from: number,
  to: number,
  settings: UnitSettings,
  patches: Patch[],
): Promise<void> {
  const { lengthBytes } = settings;
  for (let at = from; at < to; ) {
    if (at + lengthBytes > to) throw new UnstrippableError("A picture is cut.");
    // With the first byte of the unit, if it has one.
    const head = await source.read(at, Math.min(to, at + lengthBytes + 1));
    const start = at + lengthBytes;
    const end = start + head.readUIntBE(0, lengthBytes);
    if (end > to) throw new UnstrippableError("A picture is cut.");
    if (end > start) await stripUnit(source, start, end, settings, head[lengthBytes] ?? 0, patches);
    assertFew(patches);
    at = end;
  }
}

/** @param first - the unit's first byte */
async function stripUnit(
  source: ByteSource,
  from: number,
  to: number,
  { codec, isDolbyVision = false }: Pick<UnitSettings, "codec" | "isDolbyVision">,
  first: number,
  patches: Patch[],
): Promise<void> {
  const type = typeOf(codec, first);
  const isLong = shortUnits[codec].has(type) && to - from > shortUnitBytes;
  if (keptUnits[codec].has(type) && !isLong) return;
  if (isDolbyVision && codec === "hevc" && type === dolbyVisionUnit) return;
  if (messageUnits[codec].has(type) && to - from <= maxMessagesBytes) {
    const unit = await source.read(from, to);
    const rewritten = rewriteMessages(unit, codec);
    if (rewritten === undefined) return;
    if (rewritten !== "unit") {
      const { head, fill: byte, end } = rewritten;
      patches.push({ from, bytes: head }, ...fill(from + head.length, to - 1, byte));
      if (unit.at(-1) !== end) patches.push({ from: to - 1, bytes: Buffer.of(end) });
      return;
    }
  }
  const contentFrom = from + headerBytesOf(codec);
  if (to < contentFrom) throw new UnstrippableError("A picture is cut.");
  if (type === fillerUnit[codec] && to - from <= maxMessagesBytes) {
    const content = (await source.read(from, to)).subarray(headerBytesOf(codec));
    if (content.every((byte, at) => byte === (at === content.length - 1 ? 0x80 : 0xff))) return;
  }
  const header = codec === "avc" ? fillerUnit.avc : (first & 0x81) | (fillerUnit.hevc << 1);
  patches.push({ from, bytes: Buffer.of(header) }, ...fill(contentFrom, to - 1, 0xff));
  if (to > contentFrom) patches.push({ from: to - 1, bytes: Buffer.of(0x80) });
}

/** How a track's units are told apart, and where its settings (`avcC`, `hvcC`) hold some of their own. */
export interface UnitSettings {
  readonly codec: NalCodec;
  /** Of each unit's length, before it: 1, 2 or 4 (ISO/IEC 14496-15 section 4.3.2). */
  readonly lengthBytes: number;
  /** HEVC with units of Dolby Vision between its own, as its description says. */
  readonly isDolbyVision?: boolean;
}

/**
 * Reads the settings of a track of H.264 (ISO/IEC 14496-15 section 5.3.3.1) or HEVC (section 8.3.3.1), and puts patches over messages in
 * them and over what follows their end.
 *
 * @throws UnstrippableError
 */
export async function stripUnitSettings(
  source: ByteSource,
  from: number,
  to: number,
  codec: NalCodec,
  patches: Patch[],
): Promise<UnitSettings> {
  const bytes = await source.read(from, to);
  let at = codec === "avc" ? 5 : 22;
  const number = (sizeBytes: number): number => {
    if (at + sizeBytes > bytes.length) throw new UnstrippableError("A track's settings are cut.");
    at += sizeBytes;
    return bytes.readUIntBE(at - sizeBytes, sizeBytes);
  };
  const units = async (count: number, type: number | undefined): Promise<void> => {
    for (let index = 0; index < count; index += 1) {
      const length = number(2);
      const [start, end] = [from + at, from + at + length];
      if (end > to) throw new UnstrippableError("A track's settings are cut.");
      const first = bytes[at] ?? 0;
      if (length > 0) {
        const said = typeOf(codec, first);
        const isKnown = keptUnits[codec].has(said) || messageUnits[codec].has(said);
        if (!isKnown || (type !== undefined && type !== said))
          throw new UnstrippableError("A track's settings hold what is not known.");
        await stripUnit(source, start, end, { codec }, first, patches);
      }
      at += length;
    }
  };
  const lengthBytes = ((bytes[codec === "avc" ? 4 : 21] ?? 0) & 3) + 1;
  if (bytes[0] !== 1 || lengthBytes === 3)
    throw new UnstrippableError("A track's settings are of another kind.");
  if (codec === "avc") {
    await units(number(1) & 31, 7);
    await units(number(1), 8);
    // Only of some profiles, and left out by some encoders: what the format of colours is, and extensions.
    if (at + 4 <= bytes.length && profilesWithFormat.has(bytes[1] ?? 0)) {
      number(3);
      await units(number(1), 13);
    }
  } else {
    for (let arrays = number(1); arrays > 0; arrays -= 1) {
      const type = number(1) & 63;
      await units(number(2), type);
    }
  }
  patches.push(...fill(from + at, to, 0));
  return { codec, lengthBytes };
}

const profilesWithFormat: ReadonlySet<number> = new Set([100, 110, 122, 144, 244, 44]);
