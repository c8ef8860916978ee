import { type Box, type ByteSource, readBoxes } from "./iso-boxes.ts";
import { UnstrippableError } from "./pieces.ts";

/** What a track says of itself. */
export interface TrackHeader {
  /** What kind of track it is, in four characters: `vide`, `soun` … */
  readonly handler: string;
  /** Whether it is to be played. */
  readonly isOn: boolean;
  /** Of tracks in a group other than 0 a viewer chooses one: a language. */
  readonly group: number;
}

/** Reads a track's `tkhd` and `hdlr` (ISO/IEC 14496-12 sections 8.3.2 and 8.4.3). */
export async function readTrackHeader(source: ByteSource, trak: Box): Promise<TrackHeader> {
  const hdlr = await theOne(source, await theOne(source, trak, "mdia"), "hdlr");
  if (hdlr.to - hdlr.contentFrom < 12) throw new UnstrippableError("A track is of no kind.");
  const handler = (await source.read(hdlr.contentFrom + 8, hdlr.contentFrom + 12)).toString("latin1");
  const { contentFrom, to } = await theOne(source, trak, "tkhd");
  const bytes = Buffer.alloc(48);
  (await source.read(contentFrom, Math.min(to, contentFrom + bytes.length))).copy(bytes);
  return {
    handler,
    isOn: (bytes.readUInt32BE(0) & 1) === 1,
    group: bytes.readUInt16BE(bytes[0] === 1 ? 46 : 34),
  };
}

const playedHandlers: ReadonlySet<string> = new Set(["vide", "soun"]);

/**
 * Whether a track of pictures or sound is shown to who plays the film: it is on, or a choice beside one that is, or the film says of none
 * that it is on. Tracks of other kinds count as shown.
 *
 * @throws UnstrippableError where all pictures, or all sound, are off, and what there is beside is on: some players show them
 */
export function isShown(track: TrackHeader, all: readonly TrackHeader[]): boolean {
  if (track.isOn || !playedHandlers.has(track.handler)) return true;
  const on = all.filter(({ handler, isOn }) => isOn && playedHandlers.has(handler));
  if (on.length === 0) return true;
  const alike = on.filter(({ handler }) => handler === track.handler);
  if (alike.length === 0) throw new UnstrippableError("All of its pictures, or all of its sound, are off.");
  return track.group !== 0 && alike.some(({ group }) => group === track.group);
}

/** The box of that type in another. */
export async function theOne(source: ByteSource, parent: Box, type: string): Promise<Box> {
  const boxes = await readBoxes(source, parent.contentFrom, parent.to);
  const [found, second] = boxes.filter((box) => box.type === type);
  if (!found || second) throw new UnstrippableError(`A ${parent.type} has not one ${type}.`);
  return found;
}
