import { type FilmContainer, plausibleFacts } from "./film.ts";
import { type EbmlElement, readElement } from "./strip/ebml-elements.ts";
import type { ByteSource } from "./strip/iso-boxes.ts";
import { UnstrippableError } from "./strip/pieces.ts";

/** RFC 9559 section 5.1. */
const ids = {
  segment: 0x18538067,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  duration: 0x4489,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackType: 0x83,
  video: 0xe0,
  pixelWidth: 0xb0,
  pixelHeight: 0xba,
  displayWidth: 0x54b0,
  displayHeight: 0x54ba,
  displayUnit: 0x54b2,
  cluster: 0x1f43b675,
} as const;

/** More of them than any film has: what lies beyond is taken as it is. */
const maxElements = 100_000;
/** More than any list of contents has: each costs a read. */
const maxListed = 10_000;
const defaultTimestampScale = 1_000_000;

/**
 * Reads the container of WebM and Matroska: whether all of its elements are there, how long it is, and how large it is
 * shown. What was recorded live says neither where it ends nor how long it is.
 */
export async function readMatroskaFilm(source: ByteSource): Promise<FilmContainer> {
  try {
    const head = await readElement(source, 0, source.sizeBytes);
    const segment = await readElement(source, head.to, source.sizeBytes);
    if (segment.id !== ids.segment) return "it has no list of its contents";
    return await readSegment(source, segment);
  } catch (error) {
    if (error instanceof UnstrippableError) return "it ends too early";
    throw error;
  }
}

async function readSegment(source: ByteSource, segment: EbmlElement): Promise<FilmContainer> {
  let info: readonly EbmlElement[] = [];
  let tracks: readonly EbmlElement[] | undefined;
  for (let at = segment.contentFrom, count = 0; at < segment.to && count < maxElements; count += 1) {
    const element = await readElement(source, at, segment.to);
    if (element.id === ids.info) info = await childrenOf(source, element);
    if (element.id === ids.tracks) tracks ??= await childrenOf(source, element);
    if (element.id === ids.cluster && !element.isSized) break;
    at = element.to;
  }
  if (!tracks) return "it has no list of its contents";
  let hasTrack = false;
  let size: Size | undefined;
  for (const entry of tracks.filter(({ id }) => id === ids.trackEntry)) {
    const track = await childrenOf(source, entry);
    const type = await unsigned(source, track, ids.trackType);
    hasTrack ||= type === 1 || type === 2;
    const video = track.find(({ id }) => id === ids.video);
    if (type === 1 && video) size ??= await shownSize(source, await childrenOf(source, video));
  }
  if (!hasTrack) return "it holds neither pictures nor sound";
  const scale = (await unsigned(source, info, ids.timestampScale)) ?? defaultTimestampScale;
  const duration = await float(source, info, ids.duration);
  const durationMs = duration === undefined ? undefined : (duration * scale) / 1e6;
  return plausibleFacts({ durationMs, width: size?.width, height: size?.height });
}

interface Size {
  readonly width: number | undefined;
  readonly height: number | undefined;
}

/** Where it is to be shown in another shape than it has: in pixels, or as a ratio. */
async function shownSize(source: ByteSource, video: readonly EbmlElement[]): Promise<Size> {
  const width = await unsigned(source, video, ids.pixelWidth);
  const height = await unsigned(source, video, ids.pixelHeight);
  const shownWidth = await unsigned(source, video, ids.displayWidth);
  const shownHeight = await unsigned(source, video, ids.displayHeight);
  if (!shownWidth || !shownHeight || !height) return { width, height };
  const isInPixels = ((await unsigned(source, video, ids.displayUnit)) ?? 0) === 0;
  return isInPixels
    ? { width: shownWidth, height: shownHeight }
    : { width: (height * shownWidth) / shownHeight, height };
}

async function childrenOf(source: ByteSource, parent: EbmlElement): Promise<readonly EbmlElement[]> {
  const children: EbmlElement[] = [];
  for (let at = parent.contentFrom; at < parent.to; ) {
    if (children.length >= maxListed) throw new UnstrippableError("It has too many elements.");
    const child = await readElement(source, at, parent.to);
    children.push(child);
    at = child.to;
  }
  return children;
}

/** RFC 8794 section 7.2; of what is longer than six bytes nothing is asked here. */
async function unsigned(
  source: ByteSource,
  within: readonly EbmlElement[],
  id: number,
): Promise<number | undefined> {
  const bytes = await contentOf(source, within, id, 6);
  return bytes && (bytes.length === 0 ? 0 : bytes.readUIntBE(0, bytes.length));
}

/** RFC 8794 section 7.3. */
async function float(
  source: ByteSource,
  within: readonly EbmlElement[],
  id: number,
): Promise<number | undefined> {
  const bytes = await contentOf(source, within, id, 8);
  if (bytes?.length === 8) return bytes.readDoubleBE(0);
  return bytes?.length === 4 ? bytes.readFloatBE(0) : undefined;
}

async function contentOf(
  source: ByteSource,
  within: readonly EbmlElement[],
  id: number,
  most: number,
): Promise<Buffer | undefined> {
  const element = within.find((each) => each.id === id);
  if (!element || element.to - element.contentFrom > most) return undefined;
  return source.read(element.contentFrom, element.to);
}
