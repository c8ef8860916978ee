import { blank, fill, type Patch } from "./blank.ts";
import type { EbmlElement } from "./ebml-elements.ts";
import {
  applyOnce,
  atMost,
  childrenOf,
  type ElementRule,
  each,
  holds,
  number,
  rules,
  voided,
} from "./element-rules.ts";
import type { ByteSource } from "./iso-boxes.ts";
import { stripUnitSettings, stripUnits } from "./nal-units.ts";
import { stripOpenBitstreamUnits } from "./open-bitstream-units.ts";
import { UnstrippableError } from "./pieces.ts";
import type { SampleRule } from "./sample-descriptions.ts";

// RFC 9559 section 5.1.4; ids of codecs: https://www.matroska.org/technical/codec_specs.html

const trackEntry = 0xae;
const trackNumber = 0xd7;
const trackType = 0x83;
const codecId = 0x86;
const codecPrivate = 0x63a2;
const videoId = 0xe0;
const alphaMode = 0x53c0;
const encodings = 0x6d80;
const flagEnabled = 0xb9;

/** A track that is kept. */
export interface WebmTrack {
  readonly number: number;
  /** `undefined`: its pictures or sound hold nothing beside. */
  readonly stripSample: SampleRule | undefined;
  /** What is added to its pictures is how much is seen through them. */
  readonly hasAlpha: boolean;
}

/** Settings of a track; what a codec has to say beside is put patches over. */
type ReadSettings = (
  source: ByteSource,
  settings: EbmlElement,
  patches: Patch[],
) => Promise<SampleRule | undefined>;

const maxSettingsBytes = 64 * 1024;

const plain =
  (mostBytes: number): ReadSettings =>
  async (_source, settings, patches) => {
    if (settings.to - settings.contentFrom > mostBytes) patches.push(...voided(settings));
    return undefined;
  };
const units =
  (codec: "avc" | "hevc"): ReadSettings =>
  async (source, { contentFrom, to }, patches) => {
    const { lengthBytes } = await stripUnitSettings(source, contentFrom, to, codec, patches);
    return (from, start, end, into) => stripUnits(from, start, end, { codec, lengthBytes }, into);
  };

/** By kind of track (1: pictures, 2: sound) and codec: only those of which it is known where they hold words. */
const codecs: ReadonlyMap<number, ReadonlyMap<string, ReadSettings>> = new Map([
  [
    1,
    new Map<string, ReadSettings>([
      ["V_VP8", plain(0)],
      ["V_VP9", plain(32)],
      [
        "V_AV1",
        async (source, { contentFrom, to }, patches) => {
          await stripOpenBitstreamUnits(source, Math.min(to, contentFrom + 4), to, patches);
          return undefined;
        },
      ],
      ["V_MPEG4/ISO/AVC", units("avc")],
      ["V_MPEGH/ISO/HEVC", units("hevc")],
    ]),
  ],
  [
    2,
    new Map<string, ReadSettings>([
      ["A_OPUS", opusSettings],
      ["A_VORBIS", stripVorbisSettings],
    ]),
  ],
]);
/** Those without settings can't be gone through at all. */
const needsSettings: ReadonlySet<string> = new Set(["V_MPEG4/ISO/AVC", "V_MPEGH/ISO/HEVC", "A_VORBIS"]);

const colour = rules([
  ...each(number, ...[0x55b1, 0x55b2, 0x55b3, 0x55b4, 0x55b5, 0x55b6, 0x55b7, 0x55b8, 0x55b9]),
  ...each(number, ...[0x55ba, 0x55bb, 0x55bc, 0x55bd]),
  [
    0x55d0,
    holds(
      rules(
        each(number, ...[0x55d1, 0x55d2, 0x55d3, 0x55d4, 0x55d5, 0x55d6, 0x55d7, 0x55d8, 0x55d9, 0x55da]),
      ),
    ),
  ],
]);
/** A panorama's: what it is projected on, and how it is turned. */
const projection = rules([[0x7672, atMost(20)], ...each(number, 0x7671, 0x7673, 0x7674, 0x7675)]);
const video = rules([
  ...each(number, ...[0x9a, 0x9d, 0x53b8, alphaMode, 0xb0, 0xba, 0x54aa, 0x54bb, 0x54cc, 0x54dd]),
  ...each(number, ...[0x54b0, 0x54ba, 0x54b2, 0x54b3]),
  [0x55b0, holds(colour)],
  [0x7670, holds(projection)],
]);
const audio = rules(each(number, 0xb5, 0x78b5, 0x9f, 0x6264, 0x52f1));

/** Longest tag of a language that anybody has (RFC 5646 section 4.4.1). */
const languageBytes = 35;
/** A tag of a language, and nothing else. */
const language: ElementRule = async (source, element, patches) => {
  const isTag =
    element.to - element.contentFrom <= languageBytes &&
    /^[A-Za-z0-9-]*\0*$/.test((await source.read(element.contentFrom, element.to)).toString("latin1"));
  if (!isTag) patches.push(...voided(element));
};
const inTrack = rules([
  // Numbers, flags, times and sizes.
  ...each(
    number,
    trackNumber,
    0x73c5,
    trackType,
    flagEnabled,
    0x88,
    0x55aa,
    0x55ab,
    0x55ac,
    0x55ad,
    0x55ae,
    0x55af,
  ),
  ...each(number, 0x9c, 0x6de7, 0x6df8, 0x23e383, 0x234e7a, 0x23314f, 0x55ee, 0xaa, 0x56aa, 0x56bb),
  ...each(language, 0x22b59c, 0x22b59d),
  [codecId, atMost(32)],
  // `readTrack` has looked into it.
  [codecPrivate, () => undefined],
  [videoId, holds(video)],
  [0xe1, holds(audio)],
]);

/**
 * Reads a list of tracks, and puts patches over names, and over whatever else showing them does not need.
 *
 * @throws UnstrippableError where one is neither pictures nor sound, of a codec that is not looked into, compressed or encrypted
 */
export async function stripTracks(
  source: ByteSource,
  element: EbmlElement,
  patches: Patch[],
): Promise<readonly WebmTrack[]> {
  const tracks: WebmTrack[] = [];
  for await (const child of childrenOf(source, element)) {
    if (child.id === trackEntry) tracks.push(await stripTrack(source, child, patches));
    else patches.push(...voided(child));
  }
  return tracks;
}

async function stripTrack(source: ByteSource, entry: EbmlElement, patches: Patch[]): Promise<WebmTrack> {
  const found = new Map<number, EbmlElement>();
  const apply = applyOnce(inTrack);
  for await (const child of childrenOf(source, entry)) {
    if (child.id === encodings) throw new UnstrippableError("A track is compressed or encrypted.");
    if (readOnce.has(child.id) && found.has(child.id))
      throw new UnstrippableError("A track says something twice.");
    found.set(child.id, child);
    await apply(source, child, patches);
  }
  const enabled = found.get(flagEnabled);
  if (enabled && (await numberIn(source, enabled)) === 0)
    throw new UnstrippableError("A track is off: some players show it.");
  const type = await numberIn(source, found.get(trackType));
  const codecElement = found.get(codecId);
  const codec =
    codecElement && (await contentOf(source, codecElement, 32)).toString("latin1").replace(/\0+$/, "");
  const read = codecs.get(type)?.get(codec ?? "");
  if (!read || codec === undefined)
    throw new UnstrippableError(`A track of codec ${JSON.stringify(codec)} is not looked into.`);
  const settings = found.get(codecPrivate);
  if (settings && settings.to - settings.contentFrom > maxSettingsBytes)
    throw new UnstrippableError("A track's settings are too long.");
  if (!settings && needsSettings.has(codec)) throw new UnstrippableError("A track has no settings.");
  const ofSettings = settings && (await read(source, settings, patches));
  return {
    number: await numberIn(source, found.get(trackNumber)),
    stripSample: codec === "V_AV1" ? stripOpenBitstreamUnits : ofSettings,
    hasAlpha: await saysAlpha(source, found.get(videoId)),
  };
}

const readOnce: ReadonlySet<number> = new Set([
  ...[trackNumber, trackType, flagEnabled, codecId, codecPrivate, videoId],
]);

async function saysAlpha(source: ByteSource, element: EbmlElement | undefined): Promise<boolean> {
  if (!element) return false;
  for await (const child of childrenOf(source, element))
    if (child.id === alphaMode) return (await numberIn(source, child)) === 1;
  return false;
}

async function contentOf(source: ByteSource, element: EbmlElement, mostBytes: number): Promise<Buffer> {
  if (element.to - element.contentFrom > mostBytes) throw new UnstrippableError("An element is too long.");
  return source.read(element.contentFrom, element.to);
}

export async function numberIn(source: ByteSource, element: EbmlElement | undefined): Promise<number> {
  if (!element) return 0;
  const bytes = await contentOf(source, element, 8);
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value;
}

/** Opus's first header (RFC 7845 section 5.1): 19 bytes, and a table of channels where there are more than a family of two. */
async function opusSettings(
  source: ByteSource,
  { contentFrom, to }: EbmlElement,
  patches: Patch[],
): Promise<undefined> {
  const head = await source.read(contentFrom, Math.min(to, contentFrom + 19));
  if (head.length < 19 || !head.toString("latin1").startsWith("OpusHead"))
    throw new UnstrippableError("A track's settings are of another kind.");
  const sizeBytes = head[18] === 0 ? 19 : 21 + (head[9] ?? 0);
  patches.push(...blank(contentFrom + sizeBytes, to));
  return undefined;
}

const vorbisIdentificationBytes = 30;

/**
 * Vorbis's three headers in one, of which the second is words: who encoded it, and comments (Vorbis I specification section 5). It is left
 * without comments, and says as many bytes of nothing as it had.
 */
async function stripVorbisSettings(
  source: ByteSource,
  { contentFrom, to }: EbmlElement,
  patches: Patch[],
): Promise<undefined> {
  const bytes = await source.read(contentFrom, to);
  let at = 1;
  const laced = (): number => {
    let size = 0;
    for (; bytes[at] === 0xff; at += 1) size += 255;
    size += bytes[at] ?? 0;
    at += 1;
    return size;
  };
  const identification = laced();
  const comment = laced();
  const start = at + identification;
  const [end, head] = [start + comment, "\x03vorbis"];
  const vendorBytes = comment - head.length - 4 - 4 - 1;
  if (
    bytes[0] !== 2 ||
    identification !== vorbisIdentificationBytes ||
    bytes.toString("latin1", at, at + head.length) !== "\x01vorbis" ||
    bytes.toString("latin1", end, end + head.length) !== "\x05vorbis" ||
    end > bytes.length ||
    vendorBytes < 0 ||
    bytes.toString("latin1", start, start + head.length) !== head
  )
    throw new UnstrippableError("A track's settings are of another kind.");
  const size = Buffer.alloc(4);
  size.writeUInt32LE(vendorBytes);
  const vendorFrom = contentFrom + start + head.length;
  patches.push({ from: vendorFrom, bytes: size });
  // Spaces, none of which ends a string early; no comments; the bit that it ends with.
  patches.push(...fill(vendorFrom + 4, vendorFrom + 4 + vendorBytes, 0x20));
  patches.push({ from: vendorFrom + 4 + vendorBytes, bytes: Buffer.of(0, 0, 0, 0, 1) });
  return undefined;
}
