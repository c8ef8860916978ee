import { blank, type Patch } from "./blank.ts";
import {
  applyRules,
  atMost,
  type BoxRule,
  type BoxRules,
  contentOf,
  freed,
  holds,
  numbers,
  rules,
  table,
} from "./box-rules.ts";
import { stripElementaryStream } from "./elementary-stream.ts";
import { keptColours } from "./heif-properties.ts";
import { type Box, type ByteSource, readBoxes } from "./iso-boxes.ts";
import { stripUnitSettings, stripUnits } from "./nal-units.ts";
import { stripOpenBitstreamUnits } from "./open-bitstream-units.ts";
import { UnstrippableError } from "./pieces.ts";
import { differences } from "./stretches.ts";

/** Puts patches over what of a sample need not be there. */
export type SampleRule = (source: ByteSource, from: number, to: number, patches: Patch[]) => Promise<void>;

export interface SampleDescription {
  /** `undefined`: samples of this kind hold nothing but pictures, sound or a time code. */
  readonly stripSample: SampleRule | undefined;
  /** What each sample has, where they are all alike. */
  readonly sampleBytes?: number;
  /** A table that says 1 byte for each of them counts moments, each of `sampleBytes` (as QuickTime and many cameras write it). */
  readonly isCountedInMoments?: true;
}

/**
 * Kinds of samples that are known to hold no metadata beside pictures, or of which it is known where they do (`nalCodecs`, AV1). Not among
 * them: motion JPEG, of which each picture may be a photo with all of its EXIF, MPEG-2 and MPEG-4 part 2 with their user data,
 * what is encrypted, and whatever else nobody has looked into.
 */
const pictureKinds: ReadonlySet<string> = new Set([
  ...["avc1", "avc3", "hvc1", "hev1", "dvh1", "dvhe", "av01", "vp08", "vp09"],
  ...["apch", "apcn", "apcs", "apco", "ap4h", "ap4x"],
]);
/** Sound that is not coded: a sample for each moment. */
const plainSoundKinds: ReadonlySet<string> = new Set([
  ...["sowt", "twos", "raw ", "lpcm", "ipcm", "fpcm", "in24", "in32", "fl32", "fl64", "ulaw", "alaw"],
]);
const soundKinds: ReadonlySet<string> = new Set([
  ...["mp4a", "ac-3", "ec-3", "alac", "fLaC", "Opus", ".mp3", "samr", "sawb"],
  ...plainSoundKinds,
]);

/** By the kind of track that it is. */
const kinds: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["vide", pictureKinds],
  ["soun", soundKinds],
  ["tmcd", new Set(["tmcd"])],
]);

/** What comes before the boxes in a description of pictures (ISO/IEC 14496-12 section 12.1.3), with 32 bytes of a compressor's name. */
const pictureHeadBytes = 78;
const compressorName = [42, 74] as const;
/** Of sound, by its version (section 12.2.3; QuickTime File Format, sound sample descriptions). */
const soundHeadBytes: ReadonlyMap<number, number> = new Map([
  [0, 28],
  [1, 44],
  [2, 64],
]);
const maxSoundHeadBytes = 64;
/** Of a time code, with three bytes that are nothing. */
const timeCodeHeadBytes = 28;
const maxSettingsBytes = 64 * 1024;
/** A display's is some thousands. */
const maxProfileBytes = 4 * 1024 * 1024;

const colours: BoxRule = async (source, box, patches) => {
  const kind = (await source.read(box.contentFrom, Math.min(box.to, box.contentFrom + 4))).toString("latin1");
  if (kind === "nclx") patches.push(...blank(box.contentFrom + 11, box.to));
  else if (kind === "nclc") patches.push(...blank(box.contentFrom + 10, box.to));
  else {
    const content = await contentOf(source, box, maxProfileBytes);
    const kept = keptColours(content);
    patches.push(...(kept ? differences(content, kept, box.contentFrom) : freed(box)));
  }
};

/** AV1's settings: four bytes and units (AV1 Codec ISO Media File Format Binding section 2.3). */
const av1Settings: BoxRule = async (source, box, patches) => {
  if (box.to - box.contentFrom < 4) throw new UnstrippableError("A track's settings are cut.");
  await stripOpenBitstreamUnits(source, box.contentFrom + 4, box.to, patches);
};

/** FLAC's blocks of metadata, of which the first is about the stream, and the others hold words and pictures. */
const flacSettings: BoxRule = async (source, box, patches) => {
  let isFirst = true;
  for (let at = box.contentFrom + 4; at < box.to; isFirst = false) {
    if (at + 4 > box.to) throw new UnstrippableError("A track's settings are cut.");
    const head = await source.read(at, at + 4);
    const end = at + 4 + head.readUIntBE(1, 3);
    if (end > box.to || (((head[0] ?? 0) & 127) !== 0) === isFirst)
      throw new UnstrippableError("A track's settings are of another kind.");
    // Padding (RFC 9639 section 8.1), which may be the last one, too.
    if (!isFirst)
      patches.push({ from: at, bytes: Buffer.of(((head[0] ?? 0) & 0x80) | 1) }, ...blank(at + 4, end));
    at = end;
  }
};

/** Opus's settings end where they say for how many channels they are (Encapsulation of Opus in ISOBMFF section 4.3.2). */
const opusSettings: BoxRule = async (source, box, patches) => {
  const head = await source.read(box.contentFrom, Math.min(box.to, box.contentFrom + 11));
  patches.push(...blank(box.contentFrom + ((head[10] ?? 0) === 0 ? 11 : 13 + (head[1] ?? 0)), box.to));
};

/**
 * What a panorama is projected on, and how it is turned (Spherical Video V2 RFC): numbers, and who made it (`svhd`). A mesh goes, which may
 * be any bytes.
 */
const panorama: BoxRule = holds(
  rules({
    svhd: numbers(4),
    proj: holds(rules({ prhd: numbers(16), equi: numbers(20), cbmp: numbers(12) })),
  }),
);

const pictureBoxes: BoxRules = rules({
  avcC: async (source, box, patches) => {
    await stripUnitSettings(source, box.contentFrom, box.to, "avc", patches);
  },
  hvcC: async (source, box, patches) => {
    await stripUnitSettings(source, box.contentFrom, box.to, "hevc", patches);
  },
  av1C: av1Settings,
  vpcC: numbers(12),
  dvcC: numbers(24),
  dvvC: numbers(24),
  colr: colours,
  pasp: numbers(8),
  clap: numbers(32),
  fiel: numbers(2),
  gama: numbers(4),
  btrt: numbers(12),
  mdcv: numbers(24),
  clli: numbers(4),
  SmDm: numbers(28),
  CoLL: numbers(8),
  amve: numbers(8),
  st3d: numbers(5),
  sv3d: panorama,
});

const soundBoxes: BoxRules = rules({
  esds: stripElementaryStream,
  chan: table(12, 20),
  btrt: numbers(12),
  dac3: numbers(3),
  dec3: atMost(64),
  alac: atMost(64),
  dfLa: flacSettings,
  dOps: opusSettings,
  damr: numbers(9),
  pcmC: numbers(6),
  srat: numbers(8),
  wave: holds(
    rules({
      frma: numbers(4),
      mp4a: numbers(4),
      enda: numbers(2),
      alac: atMost(64),
      esds: stripElementaryStream,
      "\0\0\0\0": numbers(0),
    }),
  ),
});

/**
 * Reads a track's sample descriptions (`stsd`), and puts patches over names, and over boxes that decoding does not need.
 *
 * @param handler - the kind of track: `vide`, `soun` or `tmcd`
 * @throws UnstrippableError where samples are of a kind that is not looked into, or of several
 */
export async function stripSampleDescriptions(
  source: ByteSource,
  stsd: Box,
  handler: string,
  patches: Patch[],
): Promise<SampleDescription> {
  const found: SampleDescription[] = [];
  const seen = new Set<string>();
  for (const entry of await readBoxes(source, stsd.contentFrom + 8, stsd.to)) {
    if (!kinds.get(handler)?.has(entry.type))
      throw new UnstrippableError(`Samples of kind ${JSON.stringify(entry.type)} are not looked into.`);
    if (handler === "vide") {
      const { description, looksLike } = await stripPictures(source, entry, patches);
      found.push(description);
      seen.add(looksLike);
    } else {
      found.push(await (handler === "soun" ? stripSound : stripTimeCode)(source, entry, patches));
      seen.add(entry.type);
    }
  }
  const [description] = found;
  if (!description || seen.size !== 1) throw new UnstrippableError("A track has not one kind of samples.");
  return description;
}

async function stripPictures(
  source: ByteSource,
  entry: Box,
  patches: Patch[],
): Promise<{ readonly description: SampleDescription; readonly looksLike: string }> {
  const [nameFrom, nameTo] = compressorName;
  const boxes = await boxesBehind(source, entry, pictureHeadBytes);
  patches.push(...blank(entry.contentFrom + nameFrom, entry.contentFrom + nameTo));
  await applyRules(source, boxes, pictureBoxes, patches);
  const codec = nalCodecs.get(entry.type);
  if (codec) {
    const settings = theOne(boxes, codec === "avc" ? "avcC" : "hvcC");
    await contentOf(source, settings, maxSettingsBytes);
    const { lengthBytes } = await stripUnitSettings(source, settings.contentFrom, settings.to, codec, []);
    const isDolbyVision = boxes.some(({ type }) => type === "dvcC" || type === "dvvC");
    const stripSample: SampleRule = (from, start, end, into) =>
      stripUnits(from, start, end, { codec, lengthBytes, isDolbyVision }, into);
    return { description: { stripSample }, looksLike: `${codec} ${lengthBytes} ${isDolbyVision}` };
  }
  const isAv1 = entry.type === "av01";
  return { description: { stripSample: isAv1 ? stripOpenBitstreamUnits : undefined }, looksLike: entry.type };
}

const nalCodecs: ReadonlyMap<string, "avc" | "hevc"> = new Map([
  ["avc1", "avc"],
  ["avc3", "avc"],
  ["hvc1", "hevc"],
  ["hev1", "hevc"],
  ["dvh1", "hevc"],
  ["dvhe", "hevc"],
]);

async function stripSound(source: ByteSource, entry: Box, patches: Patch[]): Promise<SampleDescription> {
  const head = Buffer.alloc(maxSoundHeadBytes);
  (await source.read(entry.contentFrom, Math.min(entry.to, entry.contentFrom + head.length))).copy(head);
  const version = head.readUInt16BE(8);
  const headBytes = soundHeadBytes.get(version);
  if (headBytes === undefined) throw new UnstrippableError("A track's sound is described in an unknown way.");
  const boxes = await boxesBehind(source, entry, headBytes);
  await applyRules(source, boxes, soundBoxes, patches);
  if (entry.type === "mp4a") {
    const wave = boxes.find(({ type }) => type === "wave");
    theOne([...boxes, ...(wave ? await readBoxes(source, wave.contentFrom, wave.to) : [])], "esds");
  }
  if (!plainSoundKinds.has(entry.type)) return { stripSample: undefined };
  const isByte = entry.type === "ulaw" || entry.type === "alaw";
  const ofVersion0 = head.readUInt16BE(16) * (isByte ? 1 : head.readUInt16BE(18) / 8);
  const said = version === 2 ? head.readUInt32BE(56) : version === 1 ? head.readUInt32BE(36) : 0;
  return { stripSample: undefined, sampleBytes: said || ofVersion0, isCountedInMoments: true };
}

/** Behind it may be a box with the name of a reel, or less than a box. */
async function stripTimeCode(_source: ByteSource, entry: Box, patches: Patch[]): Promise<SampleDescription> {
  const restFrom = entry.contentFrom + timeCodeHeadBytes;
  if (restFrom > entry.to) throw new UnstrippableError("A track's samples are described in too few words.");
  const head = Buffer.from("\0\0\0\0free", "latin1");
  head.writeUInt32BE(entry.to - restFrom);
  const isBox = entry.to - restFrom >= head.length;
  if (isBox) patches.push({ from: restFrom, bytes: head });
  patches.push(...blank(isBox ? restFrom + head.length : restFrom, entry.to));
  return { stripSample: undefined, sampleBytes: 4 };
}

async function boxesBehind(source: ByteSource, entry: Box, headBytes: number): Promise<readonly Box[]> {
  const from = entry.contentFrom + headBytes;
  if (from > entry.to) throw new UnstrippableError("A track's samples are described in too few words.");
  return readBoxes(source, from, entry.to);
}

function theOne(boxes: readonly Box[], type: string): Box {
  const [found, second] = boxes.filter((box) => box.type === type);
  if (!found || second) throw new UnstrippableError(`A track's description has not one ${type}.`);
  return found;
}
