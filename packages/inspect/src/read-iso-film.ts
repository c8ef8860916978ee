import { type FilmContainer, type FilmDamage, plausibleFacts } from "./film.ts";
import { type Box, type ByteSource, readBoxes } from "./strip/iso-boxes.ts";
import { UnstrippableError } from "./strip/pieces.ts";

/** More of them than any film has: what lies beyond is taken as it is. */
const maxTopBoxes = 100_000;

/** Those that films are made of: what has another name behind a whole film may be anybody's padding. */
const knownBoxes: ReadonlySet<string> = new Set([
  "ftyp",
  "styp",
  "moov",
  "moof",
  "mdat",
  "free",
  "skip",
  "wide",
  "uuid",
  "meta",
  "sidx",
  "mfra",
  "udta",
]);

/**
 * Reads the container of MP4, QuickTime and their relatives (ISO/IEC 14496-12): whether all of its boxes are there, how
 * long it is, and how large it is shown. Of the media data nothing is read.
 */
export async function readIsoFilm(source: ByteSource): Promise<FilmContainer> {
  const movie = await findMovie(source);
  if (typeof movie === "string") return movie;
  try {
    return await readMovie(source, movie);
  } catch (error) {
    if (error instanceof UnstrippableError || error instanceof RangeError)
      return "its list of contents can't be read";
    throw error;
  }
}

async function findMovie(source: ByteSource): Promise<Box | FilmDamage> {
  let movie: Box | undefined;
  let hasMedia = false;
  let at = 0;
  for (let boxes = 0; at < source.sizeBytes && boxes < maxTopBoxes; boxes += 1) {
    const box = await readTopBox(source, at);
    if (box.to > source.sizeBytes || box.to < box.contentFrom)
      return movie && hasMedia && !knownBoxes.has(box.type) ? movie : "it ends too early";
    if (box.type === "moov") movie ??= box;
    hasMedia ||= box.type === "mdat" || box.type === "moof";
    at = box.to;
  }
  return movie ?? "it has no list of its contents";
}

/** Its end may lie beyond that of the file. */
async function readTopBox(source: ByteSource, from: number): Promise<Box> {
  const head = Buffer.alloc(16);
  (await source.read(from, Math.min(source.sizeBytes, from + 16))).copy(head);
  const short = head.readUInt32BE(0);
  const size = short === 1 ? Number(head.readBigUInt64BE(8)) : short === 0 ? source.sizeBytes - from : short;
  return {
    type: head.toString("latin1", 4, 8),
    from,
    contentFrom: from + (short === 1 ? 16 : 8),
    to: from + size,
  };
}

async function readMovie(source: ByteSource, movie: Box): Promise<FilmContainer> {
  const boxes = await readBoxes(source, movie.contentFrom, movie.to);
  const header = boxes.find(({ type }) => type === "mvhd");
  if (!header) return "its list of contents can't be read";
  let hasTrack = false;
  let size: Size | undefined;
  for (const track of boxes.filter(({ type }) => type === "trak")) {
    const handler = await handlerOf(source, track);
    hasTrack ||= handler === "vide" || handler === "soun";
    if (handler === "vide") size ??= await shownSize(source, track);
  }
  if (!hasTrack) return "it holds neither pictures nor sound";
  const { timescale, duration } = await readMovieHeader(source, header);
  const units = duration ?? (await fragmentDuration(source, boxes));
  const durationMs = units === undefined ? undefined : (units / timescale) * 1000;
  return plausibleFacts({ durationMs, width: size?.width, height: size?.height });
}

/** Section 8.2.2: in version 1 times have 64 bits. All bits set: unknown; zero: in the fragments. */
async function readMovieHeader(
  source: ByteSource,
  { contentFrom, to }: Box,
): Promise<{ readonly timescale: number; readonly duration: number | undefined }> {
  const header = await source.read(contentFrom, Math.min(to, contentFrom + 32));
  const isLong = header[0] === 1;
  const duration = isLong
    ? knownDuration(header.readBigUInt64BE(24), 64)
    : knownDuration(BigInt(header.readUInt32BE(16)), 32);
  return { timescale: header.readUInt32BE(isLong ? 20 : 12), duration };
}

function knownDuration(units: bigint, bits: 32 | 64): number | undefined {
  return units === 0n || units === (1n << BigInt(bits)) - 1n ? undefined : Number(units);
}

/** Section 8.8.2 (`mehd`). */
async function fragmentDuration(source: ByteSource, movie: readonly Box[]): Promise<number | undefined> {
  const extends_ = await findWithin(source, movie, "mvex");
  const header = extends_.find(({ type }) => type === "mehd");
  if (!header) return undefined;
  const bytes = await source.read(header.contentFrom, Math.min(header.to, header.contentFrom + 12));
  return bytes[0] === 1
    ? knownDuration(bytes.readBigUInt64BE(4), 64)
    : knownDuration(BigInt(bytes.readUInt32BE(4)), 32);
}

async function findWithin(source: ByteSource, boxes: readonly Box[], name: string): Promise<readonly Box[]> {
  const parent = boxes.find(({ type }) => type === name);
  return parent ? readBoxes(source, parent.contentFrom, parent.to) : [];
}

async function handlerOf(source: ByteSource, track: Box): Promise<string | undefined> {
  const media = await findWithin(source, await readBoxes(source, track.contentFrom, track.to), "mdia");
  const handler = media.find(({ type }) => type === "hdlr");
  return handler && (await source.read(handler.contentFrom + 8, handler.contentFrom + 12)).toString("latin1");
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Section 8.3.2: a matrix that turns by a quarter has nothing on its diagonal. */
async function shownSize(source: ByteSource, track: Box): Promise<Size | undefined> {
  const header = (await readBoxes(source, track.contentFrom, track.to)).find(({ type }) => type === "tkhd");
  if (!header) return undefined;
  const bytes = await source.read(header.contentFrom, Math.min(header.to, header.contentFrom + 96));
  const matrixAt = bytes[0] === 1 ? 52 : 40;
  const isQuarter = bytes.readInt32BE(matrixAt) === 0 && bytes.readInt32BE(matrixAt + 16) === 0;
  const [width, height] = [
    bytes.readUInt32BE(matrixAt + 36) / 65_536,
    bytes.readUInt32BE(matrixAt + 40) / 65_536,
  ];
  return isQuarter ? { width: height, height: width } : { width, height };
}
