import { assertFew, blank, type Patch, patched } from "./blank.ts";
import { countReads } from "./count-reads.ts";
import { type EbmlElement, readElement } from "./ebml-elements.ts";
import {
  applyOnce,
  childrenOf,
  type ElementRule,
  each,
  holds,
  noWords,
  number,
  rules,
  voided,
} from "./element-rules.ts";
import type { ByteSource } from "./iso-boxes.ts";
import { type Stripped, UnstrippableError } from "./pieces.ts";
import { numberIn, stripTracks, type WebmTrack } from "./webm-tracks.ts";

// RFC 9559 section 5.
const ebmlHeader = 0x1a45dfa3;
const segment = 0x18538067;
const seekHead = 0x114d9b74;
const info = 0x1549a966;
const tracks = 0x1654ae6b;
const cluster = 0x1f43b675;
const cues = 0x1c53bb6b;
const chapters = 0x1043a770;
const tags = 0x1254c367;
const attachments = 0x1941a469;
const voidId = 0xec;
const checksum = 0xbf;
const simpleBlock = 0xa3;
const blockGroup = 0xa0;
const block = 0xa1;
const blockAdditions = 0x75a1;
const encryptedBlock = 0xaf;

const docType = 0x4282;
const kindOfFile: ElementRule = async (source, { contentFrom, to }) => {
  const kind = (await source.read(contentFrom, Math.min(to, contentFrom + 16))).toString("latin1");
  if (!/^(?:webm|matroska)\0*$/.test(kind)) throw new UnstrippableError("It is of a kind that is none.");
};

const topLevel: ReadonlySet<number> = new Set([
  ...[seekHead, info, tracks, cluster, cues, chapters, tags, attachments, voidId, checksum],
]);

const inHeader = rules([
  ...each(number, 0x4286, 0x42f7, 0x42f2, 0x42f3, 0x4287, 0x4285),
  [docType, kindOfFile],
]);

const cuePoint = 0xbb;
const cueTrackPositions = 0xb7;
const inCuePoint = rules([
  [0xb3, number],
  [cueTrackPositions, holds(rules(each(number, 0xf7, 0xf1, 0xf0, 0xb2, 0x5378, 0xea)))],
]);

/** What there is beside tracks and clusters: its scale, duration and date, and the programs that wrote it, which must be there, but not in words; where things are. */
const beside = rules([
  [info, holds(rules([...each(number, 0x2ad7b1, 0x4489, 0x4461), ...each(noWords, 0x4d80, 0x5741)]))],
  [seekHead, holds(rules([[0x4dbb, holds(rules(each(number, 0x53ab, 0x53ac)))]]), 0x4dbb)],
  [cues, holds(rules([[cuePoint, holds(inCuePoint, cueTrackPositions)]]), cuePoint)],
]);

/** Several pictures that one is built on. */
const reference = 0xfb;
const inCluster = rules(each(number, 0xe7, 0xa7, 0xab));
const inBlockGroup = rules(each(number, 0x9b, 0xfa, reference, 0x75a2));

/** More of them than any film has. */
const maxTopLevel = 200_000;

/**
 * A WebM film without tags, attachments, chapters, titles, names and whatever else showing it does not need, at every depth: each becomes a
 * Void element of the same size, so that no byte moves. Messages within pictures of AV1, H.264 and HEVC become filler.
 * RFC 9559 (Matroska), RFC 8794 (EBML).
 *
 * @throws UnstrippableError where it has other tracks than pictures and sound, or such of codecs that are not looked into, or is not
 * built as it should be
 */
export async function stripWebm(film: ByteSource): Promise<Stripped> {
  const source = countReads(film);
  const patches: Patch[] = [];
  const end = source.sizeBytes;
  const header = await readElement(source, 0, end);
  if (header.id !== ebmlHeader || !header.isSized) throw new UnstrippableError("It has no header.");
  await holds(inHeader)(source, header, patches);
  const body = await readElement(source, header.to, end);
  if (body.id !== segment) throw new UnstrippableError("It has no segment.");
  let found: readonly WebmTrack[] | undefined;
  const clusters: EbmlElement[] = [];
  // An index of what is far from the first.
  const apply = applyOnce(beside, seekHead);
  for await (const element of topLevelOf(source, body)) {
    if (element.id === cluster) clusters.push(element);
    else if (element.id === tracks) {
      if (found) throw new UnstrippableError("It has two lists of tracks.");
      found = await stripTracks(source, element, patches);
    } else await apply(source, element, patches);
    if (clusters.length > maxTopLevel) throw new UnstrippableError("It has too many clusters.");
  }
  if (!found) throw new UnstrippableError("It has no tracks.");
  const byNumber = new Map(found.map((track) => [track.number, track]));
  for (const element of clusters) await stripCluster(source, element, byNumber, patches);
  patches.push(...blank(body.to, end));
  return patched(film, patches);
}

type Tracks = ReadonlyMap<number, WebmTrack>;

async function stripCluster(
  source: ByteSource,
  element: EbmlElement,
  among: Tracks,
  patches: Patch[],
): Promise<void> {
  const apply = applyOnce(inCluster);
  for await (const child of childrenOf(source, element)) {
    if (child.id === encryptedBlock) throw new UnstrippableError("It is encrypted.");
    if (child.id === simpleBlock) await stripBlock(source, child, among, patches);
    else if (child.id === blockGroup) await stripBlockGroup(source, child, among, patches);
    else await apply(source, child, patches);
    assertFew(patches);
  }
}

async function stripBlockGroup(
  source: ByteSource,
  element: EbmlElement,
  among: Tracks,
  patches: Patch[],
): Promise<void> {
  let track: WebmTrack | undefined;
  let additions: EbmlElement | undefined;
  const apply = applyOnce(inBlockGroup, reference);
  for await (const child of childrenOf(source, element)) {
    if (child.id === block) track = await stripBlock(source, child, among, patches);
    else if (child.id === blockAdditions && !additions) additions = child;
    else await apply(source, child, patches);
  }
  if (!additions) return;
  if (track?.hasAlpha) await keepAlpha(source, additions, patches);
  else patches.push(...voided(additions));
}

/** Of what is added to a picture, how much is seen through it: 1, which is also what it is if it is not said (section 5.1.3.5.2). */
async function keepAlpha(source: ByteSource, additions: EbmlElement, patches: Patch[]): Promise<void> {
  const [more, addition, kind] = [0xa6, 0xa5, 0xee];
  for await (const child of childrenOf(source, additions)) {
    if (child.id !== more) {
      patches.push(...voided(child));
      continue;
    }
    const parts: EbmlElement[] = [];
    for await (const part of childrenOf(source, child)) parts.push(part);
    const said = parts.find(({ id }) => id === kind);
    const isAlpha = !said || (await numberIn(source, said)) === 1;
    for (const part of parts)
      if (!isAlpha || (part.id !== addition && part.id !== kind)) patches.push(...voided(part));
  }
}

/**
 * A block: its track's number, a time, flags, and frames (section 10.1).
 *
 * @throws UnstrippableError where there is none of that number
 */
async function stripBlock(
  source: ByteSource,
  { contentFrom, to }: EbmlElement,
  among: Tracks,
  patches: Patch[],
): Promise<WebmTrack | undefined> {
  const head = await source.read(contentFrom, Math.min(to, contentFrom + 8));
  const length = Math.clz32(head[0] ?? 0) - 23;
  if (length > 4 || contentFrom + length + 3 > to) throw new UnstrippableError("A block is cut.");
  const track = among.get(head.readUIntBE(0, length) - 2 ** (7 * length));
  if (!track) throw new UnstrippableError("A block is of no track.");
  if (!track.stripSample) return track;
  if (((head[length + 2] ?? 0) & 0x06) !== 0) throw new UnstrippableError("Pictures are laced.");
  await track.stripSample(source, contentFrom + length + 3, to, patches);
  return track;
}

/**
 * What a segment is made of. Only what is live may lack a size: a cluster, which then ends before the next element of its own level.
 */
async function* topLevelOf(source: ByteSource, parent: EbmlElement): AsyncGenerator<EbmlElement> {
  for (let at = parent.contentFrom; at < parent.to; ) {
    const element = await readElement(source, at, parent.to);
    if (element.isSized) {
      yield element;
      at = element.to;
      continue;
    }
    if (element.id !== cluster) throw new UnstrippableError("An element has no size.");
    let to = element.contentFrom;
    while (to < parent.to) {
      const inside = await readElement(source, to, parent.to);
      if (topLevel.has(inside.id) && inside.id !== voidId && inside.id !== checksum) break;
      if (!inside.isSized) throw new UnstrippableError("An element has no size.");
      to = inside.to;
    }
    yield { ...element, to };
    at = to;
  }
}
