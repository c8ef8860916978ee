import { blank, type Patch, patched } from "./blank.ts";
import { type EbmlElement, readElement } from "./ebml-elements.ts";
import type { ByteSource } from "./iso-boxes.ts";
import { type Stripped, UnstrippableError } from "./pieces.ts";

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
const trackEntry = 0xae;
const trackType = 0x83;
const voidId = 0xec;
const checksum = 0xbf;

const topLevel: ReadonlySet<number> = new Set([
  ...[seekHead, info, tracks, cluster, cues, chapters, tags, attachments, voidId, checksum],
]);

/** Of a segment's information: its scale, duration and date, and the programs that wrote it, which must be there. */
const keptInfo: ReadonlySet<number> = new Set([0x2ad7b1, 0x4489, 0x4461, 0x4d80, 0x5741]);

/** Of a track what its name is in words: 0x536E; its language and everything that decoding needs stay. */
const trackName = 0x536e;

/** Pictures and sound; subtitles may say where somebody was. */
const keptTrackTypes: ReadonlySet<number> = new Set([1, 2]);

const maxElements = 1_000_000;

/**
 * A WebM film without tags, attachments, chapters, titles and names: each becomes a Void element of the same size, so that no
 * byte moves. RFC 9559 (Matroska), RFC 8794 (EBML).
 *
 * @throws UnstrippableError where it has other tracks than pictures and sound, or is not built as it should be
 */
export async function stripWebm(source: ByteSource): Promise<Stripped> {
  const patches: Patch[] = [];
  const end = source.sizeBytes;
  const header = await readElement(source, 0, end);
  if (header.id !== ebmlHeader || !header.isSized) throw new UnstrippableError("It has no header.");
  const body = await readElement(source, header.to, end);
  if (body.id !== segment) throw new UnstrippableError("It has no segment.");
  let hasTracks = false;
  for await (const element of children(source, body, topLevel)) {
    if (element.id === tracks) {
      hasTracks = true;
      await stripTracks(source, element, patches);
    } else if (element.id === info) {
      for await (const each of children(source, element))
        if (!keptInfo.has(each.id)) patches.push(...voided(each));
    } else if (![seekHead, cluster, cues].includes(element.id)) patches.push(...voided(element));
  }
  if (!hasTracks) throw new UnstrippableError("It has no tracks.");
  patches.push(...blank(body.to, end));
  return patched(source, patches);
}

async function stripTracks(source: ByteSource, element: EbmlElement, patches: Patch[]): Promise<void> {
  for await (const track of children(source, element)) {
    if (track.id !== trackEntry) {
      patches.push(...voided(track));
      continue;
    }
    let isKept = false;
    for await (const each of children(source, track)) {
      if (each.id === trackType) {
        const [type = 0] = await source.read(each.to - 1, each.to);
        isKept = keptTrackTypes.has(type);
      } else if (each.id === trackName || each.id === voidId) patches.push(...voided(each));
    }
    if (!isKept) throw new UnstrippableError("A track is neither pictures nor sound.");
  }
}

/**
 * Elements of an element. Only what is live may lack a size: a cluster, which then ends before the next element of its own level.
 *
 * @param own - ids of that level, where one without a size may be among them
 */
async function* children(
  source: ByteSource,
  parent: EbmlElement,
  own: ReadonlySet<number> = new Set(),
): AsyncGenerator<EbmlElement> {
  let count = 0;
  for (let at = parent.contentFrom; at < parent.to; count += 1) {
    if (count > maxElements) throw new UnstrippableError("It has too many elements.");
    const element = await readElement(source, at, parent.to);
    if (element.isSized) {
      yield element;
      at = element.to;
      continue;
    }
    if (element.id !== cluster || own.size === 0) throw new UnstrippableError("An element has no size.");
    let to = element.contentFrom;
    while (to < parent.to) {
      const inside = await readElement(source, to, parent.to);
      if (own.has(inside.id) && inside.id !== voidId && inside.id !== checksum) break;
      if (!inside.isSized) throw new UnstrippableError("An element has no size.");
      to = inside.to;
    }
    yield { ...element, to };
    at = to;
  }
}

/** A Void element (RFC 8794 section 11.3.2) over another, as long as it was. */
function voided({ from, to }: EbmlElement): Patch[] {
  const sizeBytes = to - from < 10 ? 1 : 8;
  const head = Buffer.alloc(1 + sizeBytes);
  const contentBytes = to - from - head.length;
  head[0] = voidId;
  if (sizeBytes === 1) head[1] = 0x80 | contentBytes;
  else {
    head.writeBigUInt64BE(BigInt(contentBytes), 1);
    head[1] = 0x01;
  }
  return [{ from, bytes: head }, ...blank(from + head.length, to)];
}
