import { blank, type Patch, patched } from "./blank.ts";
import { type BoxRules, freed, numbers, rules } from "./box-rules.ts";
import { countReads } from "./count-reads.ts";
import { type Box, type ByteSource, readBoxes } from "./iso-boxes.ts";
import { type Chunk, readTrackSamples, type TrackSamples } from "./movie-samples.ts";
import { type Stripped, UnstrippableError } from "./pieces.ts";
import { type SampleDescription, stripSampleDescriptions } from "./sample-descriptions.ts";
import { assertAllShown } from "./shown-samples.ts";
import { isShown, readTrackHeader, type TrackHeader, theOne } from "./shown-tracks.ts";
import { brands, trackRules } from "./track-rules.ts";

/** Of a file, beside what it consists of: its kinds, and eight bytes that QuickTime leaves before `mdat`. */
const topLevel: BoxRules = rules({ ftyp: brands, wide: numbers(0) });
/** Of a movie, beside its tracks. */
const inMovie: BoxRules = rules({ mvhd: numbers(100, 112) });

/** Of tracks that are shown: pictures, sound, and the time code that an editor counts by; never subtitles, in which drones write where they are. */
const keptHandlers: ReadonlySet<string> = new Set(["vide", "soun", "tmcd"]);

/** Ways to say what a film consists of that are not looked into here. */
const unreadable: ReadonlySet<string> = new Set(["moof", "cmov", "rmra", "mvex"]);

/** A track that is kept. */
interface Track {
  readonly description: SampleDescription;
  readonly samples: TrackSamples;
}

/**
 * An MP4 or QuickTime film in which only pictures and sound are left: user data, metadata (of a track, too), unknown boxes at whatever
 * depth, and tracks of any other kind (places by the second, subtitles) become `free` boxes of zeros, names are blank, and whatever of
 * `mdat` no kept track has as a sample is zeros. Messages that encoders and cameras write beside pictures of H.264, HEVC and AV1 become
 * filler. No byte moves, so no offset has to be written anew.
 *
 * ISO/IEC 14496-12; QuickTime File Format Specification.
 *
 * @throws UnstrippableError where it is fragmented, compressed, encrypted, of kinds of pictures or sound that are not looked into, or
 * contradicts itself, or where its edits pass over more than a second (`assertAllShown`)
 */
export async function stripMovie(film: ByteSource): Promise<Stripped> {
  const source = countReads(film);
  const patches: Patch[] = [];
  const tracks: Track[] = [];
  const seen = new Set<string>();
  const boxes = await readBoxes(source, 0, source.sizeBytes);
  for (const box of boxes) {
    if (box.type === "moov") await stripMoov(source, box, patches, tracks);
    else if (box.type !== "mdat") await apply(source, box, topLevel, seen, patches);
  }
  const media = boxes.filter(({ type }) => type === "mdat");
  const chunks = tracks.flatMap(({ samples }) => samples.chunks).sort((a, b) => a.from - b.from);
  assertWithin(chunks, media);
  for (const { description, samples } of tracks) await stripSamples(source, description, samples, patches);
  for (const { contentFrom, to } of media) blankBeside(chunks, contentFrom, to, patches);
  return patched(film, patches);
}

async function stripMoov(source: ByteSource, moov: Box, patches: Patch[], tracks: Track[]): Promise<void> {
  const boxes = await readBoxes(source, moov.contentFrom, moov.to);
  const movieHeader = boxes.find(({ type }) => type === "mvhd");
  const headers = new Map<Box, TrackHeader>();
  for (const box of boxes) if (box.type === "trak") headers.set(box, await readTrackHeader(source, box));
  const all = [...headers.values()];
  const seen = new Set<string>();
  for (const box of boxes) {
    const header = headers.get(box);
    if (header && keptHandlers.has(header.handler) && isShown(header, all)) {
      if (header.handler !== "tmcd") await assertAllShown(source, box, movieHeader);
      tracks.push(await stripTrack(source, box, header.handler, patches));
    } else await apply(source, box, inMovie, seen, patches);
  }
}

async function stripTrack(source: ByteSource, trak: Box, handler: string, patches: Patch[]): Promise<Track> {
  const mdia = await theOne(source, trak, "mdia");
  const stbl = await theOne(source, await theOne(source, mdia, "minf"), "stbl");
  await theOne(source, stbl, "stsd");
  const found: SampleDescription[] = [];
  await trackRules(async (_source, stsd, into) => {
    found.push(await stripSampleDescriptions(source, stsd, handler, into));
  })(source, trak, patches);
  const [description] = found;
  if (!description) throw new UnstrippableError("A track does not say what its samples are.");
  return { description, samples: await readTrackSamples(source, stbl, description) };
}

/** Of each kind there is one. */
async function apply(
  source: ByteSource,
  box: Box,
  children: BoxRules,
  seen: Set<string>,
  patches: Patch[],
): Promise<void> {
  if (unreadable.has(box.type)) throw new UnstrippableError(`Its ${box.type} is not looked into.`);
  const rule = seen.has(box.type) ? undefined : children.get(box.type);
  seen.add(box.type);
  if (rule) await rule(source, box, patches);
  else patches.push(...freed(box));
}

/** What lies elsewhere could be a box that is written anew. Both are in the order of the file. */
function assertWithin(chunks: readonly Chunk[], media: readonly Box[]): void {
  let index = 0;
  for (const { from, to } of chunks) {
    if (from === to) continue;
    while ((media[index]?.to ?? Number.POSITIVE_INFINITY) <= from) index += 1;
    const box = media[index];
    if (!box || from < box.contentFrom || to > box.to)
      throw new UnstrippableError("A track's samples lie elsewhere.");
  }
}

/** Goes through a track's samples in the order of the file, so that it is read once. */
async function stripSamples(
  source: ByteSource,
  { stripSample }: SampleDescription,
  { chunks, sizeOf }: TrackSamples,
  patches: Patch[],
): Promise<void> {
  if (!stripSample) return;
  let at = 0;
  for (const { from, to, firstSample, sampleCount } of [...chunks].sort((a, b) => a.from - b.from)) {
    if (from === to) continue;
    if (from < at) throw new UnstrippableError("A track's samples lie over each other.");
    at = from;
    for (let sample = firstSample; sample < firstSample + sampleCount; sample += 1) {
      const end = at + sizeOf(sample);
      if (end === at) continue;
      await stripSample(source, at, end, patches);
      at = end;
    }
  }
}

function blankBeside(chunks: readonly Chunk[], from: number, to: number, patches: Patch[]): void {
  let at = from;
  for (const chunk of chunks) {
    if (chunk.to <= at) continue;
    if (chunk.from >= to) break;
    if (chunk.from > at) patches.push(...blank(at, chunk.from));
    at = Math.min(to, chunk.to);
  }
  patches.push(...blank(at, to));
}
